"""Entries from files into a store, verified like any other submission unless they are trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentgym.errors import ArgumentError, SubmissionError
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.suite import suite_files
from agentgym.evaluation.summary import EpisodeSummary, summarise
from agentgym.leaderboard.bundle import Bundle, content_digest, read_bundle
from agentgym.leaderboard.credit import Credit, credit
from agentgym.leaderboard.exchange import Side, entry_files, read_side, read_suite
from agentgym.leaderboard.submit import entry
from agentgym.leaderboard.verify import Verdict, find_suite, verify
from agentgym.trajectory import Trajectory

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["Loaded", "load", "shipped_entries"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file.

    Attributes:
        path: The submission file.
        id: Its number in the store; None where it was rejected.
        told: "added", "already there", or why it was rejected.
        ok: Whether the store has it now.
    """

    path: Path
    id: int | None
    told: str
    ok: bool


def load(store: Store, folder: Path, *, trust: bool = False) -> Iterator[Loaded]:
    """Add the entries that lie in a folder, the oldest first; those that the store has are left alone.

    Args:
        store: Where they go.
        folder: What `dump` filled, or one of the suites' folders in it.
        trust: Whether to take the entries' word: nothing is executed, the numbers are computed from the
            recorded trajectories, and a suite of which this checkout knows nothing is taken from the folder.

    Yields:
        What became of each file.

    Raises:
        ArgumentError: There is no entry in the folder.
        DataError: A file beside an entry is missing or malformed.
    """
    files = entry_files(folder)
    if not files:
        raise ArgumentError(f"There are no entries in {folder}. Fill it with: agentgym leaderboard dump")
    for path in files:
        yield _load(store, path, trust)


def shipped_entries() -> Path:
    """Return the folder of the reference results: entries/ beside the folder of the suites.

    Raises:
        ArgumentError: There is none.
    """
    for suite in suite_files().values():
        folder = suite.parent.parent / "entries"
        if folder.is_dir():
            return folder
    raise ArgumentError("No reference results are here; they come with a checkout. Name a folder.")


def _load(store: Store, path: Path, trust: bool) -> Loaded:
    side = read_side(path)
    try:
        bundle = read_bundle(path)
        suite = read_suite(path) if trust else find_suite(bundle.header)
        told = _told(bundle, suite)
        twin = store.find(suite.hash, told.content_digest)
        if twin is not None:
            return Loaded(path, twin, "already there", ok=True)
        executed = not trust and side.status == "verified"
        verdict = (
            _executed(store, bundle, suite, side)
            if executed
            else Verdict(True, bundle.episodes, notes=side.notes, credit=told)
        )
    except SubmissionError as error:
        return Loaded(path, None, f"rejected: {error}", ok=False)
    if not verdict.ok:
        return Loaded(path, None, str(verdict), ok=False)
    made = replace(
        entry(bundle, suite, verdict),
        submitted_at=side.submitted_at,
        status=side.status,
        reason=side.reason,
    )
    return Loaded(path, store.add(made, owner=side.owner), "added", ok=True)


def _executed(store: Store, bundle: Bundle, suite: ExpandedSuite, side: Side) -> Verdict:
    return verify(
        bundle,
        suite,
        known=lambda episodes: store.alike(suite.hash, episodes, but_of=side.owner),
        submitter=side.owner,
    )


def _told(bundle: Bundle, suite: ExpandedSuite) -> Credit:
    """Work out what a file says of itself; only that it is whole and answers the suite is checked.

    Raises:
        SubmissionError: It does not, or is damaged.
    """
    if bundle.header.suite.hash != suite.hash or bundle.episodes != len(suite.entries):
        raise SubmissionError(f"it was made for {bundle.header.suite.name!r}, not for {suite.title}")
    summaries: list[EpisodeSummary] = []

    def summed() -> Iterator[Trajectory]:
        for trajectory in bundle.trajectories():
            summaries.append(summarise(trajectory))
            yield trajectory

    played = content_digest(summed())
    return credit(suite, summaries, played)
