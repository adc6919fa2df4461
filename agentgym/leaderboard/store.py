"""The store: entries with their episodes, the queue of uploads, the tokens. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, undefer

from agentgym.errors import ArgumentError, DataError, StoreError
from agentgym.evaluation.compare import Comparison
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.outcomes import Outcome
from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard import kindred, ranking, rows
from agentgym.leaderboard.bundle import Header, Limits
from agentgym.leaderboard.bundle.frames import open_frame
from agentgym.leaderboard.bundle.lines import decode
from agentgym.leaderboard.echoes import Known
from agentgym.leaderboard.engine import Database, shown
from agentgym.leaderboard.gaps import Gaps, Pair
from agentgym.leaderboard.models import EpisodeRow, SubmissionRow, SuiteRow
from agentgym.leaderboard.schema import connect
from agentgym.leaderboard.submission import Status, Submission
from agentgym.leaderboard.summary import Page, Query, SuiteSummary, Summary
from agentgym.leaderboard.tokens import Tokens
from agentgym.leaderboard.uploads import Upload, Uploads, accept
from agentgym.trajectory import Trajectory

__all__ = ["Store"]

_AT_ONCE = 64
"""Number of frames read in one query: bounds the memory of a download."""
_LIMITS = Limits()
_Column = TypeVar("_Column", bytes, str)


class Store:
    """A leaderboard in a database. Threads may share it; a process that was forked opens its own.

    Args:
        address: Path of an SQLite file, made where there is none, or a database URL.

    Attributes:
        address: The address without its password.
        uploads: The queue of files that wait for their verdict.
        tokens: Who may use the server.

    Raises:
        StoreError: What is there is no store, is damaged, or has a newer schema.
    """

    def __init__(self, address: str) -> None:
        self.address = shown(address)
        self._database: Database = connect(address)
        self._suites: dict[str, ExpandedSuite] = {}
        self._gaps = Gaps(self._database, self.outcomes)
        self.uploads = Uploads(self._database)
        self.tokens = Tokens(self._database)

    def add(self, submission: Submission, *, owner: str | None = None, upload: Upload | None = None) -> int:
        """Store a submission with its file and return its number.

        Args:
            submission: With its bundle.
            owner: Who submitted it; None for this machine.
            upload: The claimed upload that it came in. It is accepted in the same moment, or nothing happens.

        Raises:
            ArgumentError: The same episodes are already there, or the upload is another worker's by now.
        """
        try:
            with self._database.writing() as session:
                return _insert(session, submission, owner, upload)
        except StoreError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            twin = self.find(submission.suite.hash, submission.content_digest)
            raise ArgumentError(
                f"These very episodes were already submitted to {submission.suite.title}, as number {twin}. "
                "Submit a new run."
            ) from error

    def suites(self, name: str | None = None) -> list[SuiteSummary]:
        """Return the suites that have entries, by name and from the newest version.

        Args:
            name: Only those of this name; None for all.
        """
        count = func.count(SubmissionRow.id)
        query = select(SuiteRow, count).join(SubmissionRow).group_by(SuiteRow.hash)
        query = query.order_by(SuiteRow.name, SuiteRow.version.desc(), SuiteRow.hash)
        if name is not None:
            query = query.where(SuiteRow.name == name)
        with self._database.reading() as session:
            return [rows.suite_summary(row, entries) for row, entries in session.execute(query)]

    def suite(self, hash: str) -> ExpandedSuite:
        """Return a suite written out.

        Raises:
            ArgumentError: No entry answers it.
            StoreError: It was altered in the store.
        """
        if hash not in self._suites:
            with self._database.reading() as session, self._checked(f"Suite {hash}"):
                row = session.get(SuiteRow, hash)
                if row is None:
                    raise ArgumentError(f"This store has no entries of a suite {hash!r}.")
                self._suites[hash] = rows.suite_value(row)
        return self._suites[hash]

    def page(self, suite_hash: str, query: Query | None = None) -> Page:
        """Return entries of a suite with their places.

        Raises:
            StoreError: A stored row is not what it should be.
        """
        wanted = Query() if query is None else query
        with self._database.reading() as session, self._checked("An entry"):
            found = ranking.placed(session, suite_hash, wanted)
            total = ranking.counted(session, suite_hash, wanted)
            return Page(tuple(rows.summary_value(row, place) for row, place in found), total)

    def summary(self, id: int) -> Summary:
        """Return one entry without its episodes.

        Raises:
            ArgumentError: There is none of this number.
            StoreError: The stored row is not what it should be.
        """
        with self._database.reading() as session, self._checked(f"Submission {id}"):
            row = self._row(session, id)
            return rows.summary_value(row, ranking.place_of(session, row.suite_hash, id))

    def get(self, id: int, *, bundle: bool = False) -> Submission:
        """Return one entry.

        Args:
            id: Its number.
            bundle: Whether to fetch its file as well.

        Raises:
            ArgumentError: There is none of this number.
            StoreError: What is stored is not what it should be.
        """
        with self._database.reading() as session, self._checked(f"Submission {id}"):
            row = self._row(session, id)
            suite = self.suite(row.suite_hash)
            query = select(EpisodeRow).where(EpisodeRow.submission_id == id).order_by(EpisodeRow.number)
            if bundle:
                query = query.options(undefer(EpisodeRow.frame))
            played = list(session.scalars(query))
            summaries = [rows.episode_value(episode, suite) for episode in played]
            frames = [row.header, *(e.frame for e in played), row.trailer] if bundle else None
            return rows.submission_value(row, suite, summaries, frames)

    def ids(self, suite_hash: str | None = None) -> list[int]:
        """Return the numbers of all entries, or of one suite's, oldest first."""
        query = select(SubmissionRow.id).order_by(SubmissionRow.id)
        if suite_hash is not None:
            query = query.where(SubmissionRow.suite_hash == suite_hash)
        with self._database.reading() as session:
            return list(session.scalars(query))

    def find(self, suite_hash: str, content_digest: str) -> int | None:
        """Return the number of the entry of a suite in which this was played; None where there is none."""
        query = select(SubmissionRow.id).where(
            SubmissionRow.suite_hash == suite_hash, SubmissionRow.content_digest == content_digest
        )
        with self._database.reading() as session:
            return session.scalar(query)

    def headers(self, ids: Iterable[int]) -> dict[int, Header]:
        """Return what the submitters say, cards and learning curves included, of the entries that exist.

        Raises:
            StoreError: A header was altered in the store.
        """
        found = self._columns(SubmissionRow.header, ids)
        with self._checked("A header"):
            return {id: rows.header_value(frame) for id, frame in found.items()}

    def outcomes(self, ids: Iterable[int]) -> dict[int, tuple[Outcome, ...]]:
        """Return the outcomes of the episodes of the entries that exist.

        Raises:
            StoreError: They were altered in the store.
        """
        found = self._columns(SubmissionRow.outcomes, ids)
        hashes = self._columns(SubmissionRow.suite_hash, found)
        with self._checked("Outcomes"):
            return {id: rows.unpack_outcomes(found[id], self.suite(hashes[id])) for id in found}

    def alike(
        self, suite_hash: str, episodes: Sequence[EpisodeSummary], *, but_of: str | None = None
    ) -> list[Known]:
        """Return the entries of a suite whose words or actions are most often those of some episodes.

        Args:
            suite_hash: The suite.
            episodes: What was played.
            but_of: A submitter whose own entries are left out; None: nobody's.
        """
        with self._database.reading() as session, self._checked("A header"):
            return kindred.alike(session, suite_hash, episodes, but_of)

    def gaps(self, pairs: Iterable[Pair]) -> dict[Pair, Comparison]:
        """Compare pairs of entries of one suite, each once in the life of the store.

        Raises:
            StoreError: What is stored is not what it should be.
        """
        return self._gaps.between(pairs)

    def compare_neighbours(self, id: int) -> None:
        """Compare an entry with those one place above and below: then no reader of the board waits for it."""
        entry = self.summary(id)
        if entry.place is not None:
            at = self.neighbours(entry.suite_hash, (entry.place - 1, entry.place, entry.place + 1))
            ranked = [at[place] for place in sorted(at)]
            self.gaps(pairwise(ranked))

    def neighbours(self, suite_hash: str, places: Iterable[int]) -> dict[int, int]:
        """Return the numbers of the entries at some places of a suite's ranking, keyed by place."""
        with self._database.reading() as session:
            return ranking.neighbours(session, suite_hash, places)

    def trajectories(self, id: int, numbers: Iterable[int]) -> list[Trajectory]:
        """Open some episodes of an entry, and only those, in the order of their numbers.

        Raises:
            ArgumentError: The entry or one of the episodes does not exist.
            StoreError: They were altered in the store.
        """
        wanted = sorted(set(numbers))
        found = {}
        with self._database.reading() as session:
            self._row(session, id)
            for number in wanted:
                row = session.get(EpisodeRow, (id, number))
                if row is None:
                    raise ArgumentError(f"Submission {id} has no episode {number}.")
                found[number] = row.frame
        with self._checked(f"Submission {id}"):
            return [
                decode(open_frame(frame, _LIMITS.episode_bytes, f"episode {number}"), number)
                for number, frame in found.items()
            ]

    def line(self, id: int, number: int) -> str:
        """Return one episode as the line that was submitted, its line break included, without reading it.

        Raises:
            ArgumentError: The entry or the episode does not exist.
            StoreError: It was altered in the store.
        """
        with self._database.reading() as session:
            self._row(session, id)
            row = session.get(EpisodeRow, (id, number), options=[undefer(EpisodeRow.frame)])
            if row is None:
                raise ArgumentError(f"Submission {id} has no episode {number}.")
            frame = row.frame
        with self._checked(f"Submission {id}"):
            return open_frame(frame, _LIMITS.episode_bytes, f"episode {number}").decode("ascii")

    def trajectory(self, id: int, number: int) -> Trajectory:
        """Open one episode of an entry; see `trajectories`."""
        return self.trajectories(id, [number])[0]

    def file(self, id: int) -> Iterator[bytes]:
        """Yield the submitted file in pieces, byte for byte as it came.

        Raises:
            ArgumentError: There is none of this number.
        """
        with self._database.reading() as session:
            row = self._row(session, id)
            count, header, trailer = row.episodes, row.header, row.trailer
        yield header
        for first in range(0, count, _AT_ONCE):
            query = select(EpisodeRow.frame).where(
                EpisodeRow.submission_id == id,
                EpisodeRow.number >= first,
                EpisodeRow.number < first + _AT_ONCE,
            )
            with self._database.reading() as session:
                frames = list(session.scalars(query.order_by(EpisodeRow.number)))
            yield from frames
        yield trailer

    def set_status(self, id: int, status: Status, reason: str | None) -> None:
        """Record what a verification or a moderator found."""
        told = None if reason is None else rows.storable(reason)
        change = update(SubmissionRow).where(SubmissionRow.id == id).values(status=status, reason=told)
        with self._database.writing() as session:
            session.execute(change)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    @contextmanager
    def _checked(self, what: str) -> Iterator[None]:
        """Name the store where what it holds cannot be understood."""
        try:
            yield
        except StoreError:
            raise
        except (ValueError, TypeError, LookupError, DataError) as error:
            if isinstance(error, ArgumentError):
                raise
            raise StoreError(
                f"{what} of {self.address} was altered or damaged in the store: {error}."
            ) from error

    def _row(self, session: Session, id: int) -> SubmissionRow:
        row = session.get(SubmissionRow, id)
        if row is None:
            raise ArgumentError(f"This store has no entry {id}. `agentgym leaderboard show` lists all.")
        return row

    def _columns(self, column: InstrumentedAttribute[_Column], ids: Iterable[int]) -> dict[int, _Column]:
        query = select(SubmissionRow.id, column).where(SubmissionRow.id.in_(list(ids)))
        with self._database.reading() as session:
            return {row[0]: row[1] for row in session.execute(query)}


def _insert(session: Session, submission: Submission, owner: str | None, upload: Upload | None) -> int:
    row = rows.submission_row(submission, owner=owner if upload is None else upload.owner)
    if session.get(SuiteRow, row.suite_hash) is None:
        insert = postgresql.insert if session.connection().dialect.name == "postgresql" else sqlite.insert
        values = rows.suite_values(submission.suite)
        session.execute(insert(SuiteRow).values(values).on_conflict_do_nothing())
    session.add(row)
    session.flush()
    frames = submission.bundle.frames[1:-1] if submission.bundle is not None else ()
    played = zip(submission.episodes, frames, strict=True)
    session.add_all(rows.episode_row(row.id, summary, frame) for summary, frame in played)
    if upload is not None:
        accept(session, upload.id, upload.worker or "", row.id)
    session.flush()
    return row.id
