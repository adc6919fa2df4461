"""The store of submissions: values in, values out, every stored text checked when it is read."""

from __future__ import annotations

import dataclasses
import json
from typing import cast

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from agentgym.errors import ArgumentError, DataError, StoreError
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.metrics import Metrics
from agentgym.evaluation.outcomes import Outcome
from agentgym.hashing import canonical_json
from agentgym.leaderboard.engine import connect, reported
from agentgym.leaderboard.models import SubmissionRow
from agentgym.leaderboard.packing import blob_digest
from agentgym.leaderboard.submission import Status, Submission

__all__ = ["Store"]

_METRICS = TypeAdapter(Metrics)
_OUTCOMES = TypeAdapter(tuple[Outcome, ...])


class Store:
    """Submissions in a database.

    Args:
        address: Path of an SQLite file, made where there is none, or a database URL.

    Raises:
        StoreError: What is there is no store, is damaged, or has another schema.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._engine: Engine = connect(address)

    def add(self, submission: Submission) -> int:
        """Store a submission and return its number.

        Raises:
            ArgumentError: The same episodes are already there.
        """
        row = _to_row(submission)
        try:
            with reported(self.address), Session(self._engine) as session, session.begin():
                session.add(row)
                session.flush()
                return row.id
        except StoreError as error:
            if isinstance(error.__cause__, IntegrityError):
                twin = self._twin(submission)
                raise ArgumentError(
                    f"These very episodes were already submitted to {submission.suite.title}, "
                    f"as number {twin}. Submit a new run."
                ) from error
            raise

    def all(self, *, suite: str | None = None, blobs: bool = False) -> list[Submission]:
        """Return the submissions, oldest first.

        Args:
            suite: Name of a suite; None: of all.
            blobs: Whether to fetch the trajectories as well.

        Raises:
            StoreError: A stored row is not what it should be.
        """
        query = select(SubmissionRow).order_by(SubmissionRow.id)
        if suite is not None:
            query = query.where(SubmissionRow.suite_name == suite)
        if blobs:
            query = query.options(undefer(SubmissionRow.trajectories_gz))
        with reported(self.address), Session(self._engine) as session:
            return [self._value(row, blobs) for row in session.scalars(query)]

    def ids(self) -> list[int]:
        """Return the numbers of all submissions, oldest first."""
        with reported(self.address), Session(self._engine) as session:
            return list(session.scalars(select(SubmissionRow.id).order_by(SubmissionRow.id)))

    def get(self, id: int) -> Submission:
        """Return one submission with its trajectories.

        Raises:
            ArgumentError: There is none of this number.
            StoreError: The stored row is not what it should be.
        """
        with reported(self.address), Session(self._engine) as session:
            row = session.get(SubmissionRow, id)
            if row is None:
                raise ArgumentError(
                    f"The store {self.address} has no submission {id}. It has {self.ids() or 'none'}."
                )
            return self._value(row, blob=True)

    def set_status(self, id: int, status: Status, reason: str | None) -> None:
        """Record what a verification found."""
        change = update(SubmissionRow).where(SubmissionRow.id == id).values(status=status, reason=reason)
        with reported(self.address), Session(self._engine) as session, session.begin():
            session.execute(change)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _value(self, row: SubmissionRow, blob: bool) -> Submission:
        try:
            return _from_row(row, blob)
        except (ValueError, ValidationError, DataError, TypeError) as error:
            raise StoreError(
                f"Submission {row.id} of {self.address} was altered or damaged in the store: {error}."
            ) from error

    def _twin(self, submission: Submission) -> int | None:
        query = select(SubmissionRow.id).where(
            SubmissionRow.suite_hash == submission.suite.hash,
            SubmissionRow.content_digest == submission.content_digest,
        )
        with reported(self.address), Session(self._engine) as session:
            return session.scalar(query)


def _to_row(submission: Submission) -> SubmissionRow:
    if submission.blob is None:
        raise ArgumentError(
            "A submission without its trajectories cannot be stored. Pass blob=pack(trajectories)."
        )
    suite = submission.suite
    return SubmissionRow(
        suite_name=suite.name,
        suite_version=suite.version,
        suite_hash=suite.hash,
        suite_json=canonical_json(suite.to_record()).decode("ascii"),
        agent=_storable(submission.agent),
        name=submission.name,
        submitted_at=submission.submitted_at,
        status=submission.status,
        reason=submission.reason,
        package=submission.package,
        metrics_json=json.dumps(submission.metrics.to_record(), allow_nan=False),
        outcomes_json=json.dumps([dataclasses.asdict(o) for o in submission.outcomes], allow_nan=False),
        content_digest=submission.content_digest,
        blob_digest=blob_digest(submission.blob),
        trajectories_gz=submission.blob,
    )


def _from_row(row: SubmissionRow, blob: bool) -> Submission:
    suite = ExpandedSuite.from_record(json.loads(row.suite_json))
    if suite.hash != row.suite_hash:
        raise ValueError("the suite does not match its hash")
    if row.status not in ("verified", "failed"):
        raise ValueError(f"the status is {row.status!r}")
    if blob and blob_digest(row.trajectories_gz) != row.blob_digest:
        raise ValueError("the trajectories do not match their digest")
    return Submission(
        suite=suite,
        agent=row.agent,
        name=row.name,
        submitted_at=row.submitted_at,
        status=cast(Status, row.status),
        reason=row.reason,
        metrics=_METRICS.validate_python(json.loads(row.metrics_json)),
        outcomes=_OUTCOMES.validate_python(json.loads(row.outcomes_json)),
        package=row.package,
        content_digest=row.content_digest,
        blob=row.trajectories_gz if blob else None,
        id=row.id,
    )


def _storable(text: str) -> str:
    """Replace lone surrogates: a database holds UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
