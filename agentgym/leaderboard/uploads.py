"""The queue of uploaded files: each waits, is claimed by one worker for a while, and gets one verdict.

    waiting -> claimed -> accepted | rejected          waiting -> cancelled
       ^          |
       +----------+  the lease ran out (its worker is taken for dead), or the worker gave it back

A file lies in the database in pieces beside its row and appears there in one transaction: whoever is killed
leaves a whole upload or none. With the verdict the pieces go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Literal, cast, get_args

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from agentgym.errors import ArgumentError, StoreError
from agentgym.leaderboard.engine import Database
from agentgym.leaderboard.models import UploadPartRow, UploadRow
from agentgym.leaderboard.rows import storable

__all__ = ["UPLOAD_STATUSES", "Upload", "UploadStatus", "Uploads"]

UploadStatus = Literal["waiting", "claimed", "accepted", "rejected", "cancelled"]
UPLOAD_STATUSES: tuple[UploadStatus, ...] = get_args(UploadStatus)

_PART = 1 << 20
_MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file and what became of it.

    Attributes:
        id: Its number in the store.
        owner: Who sent it; None for this machine.
        received_at: When it had arrived whole, in UTC.
        size: Its bytes.
        digest: BLAKE2b of them, 32 hexadecimal characters.
        status: Where it stands.
        worker: Who has it, or had it last.
        lease_until: When another worker may take it.
        attempts: How often it was claimed.
        finished_at: When the verdict came.
        reason: Why it was rejected.
        submission_id: The entry that it became.
    """

    id: int
    owner: str | None
    received_at: datetime
    size: int
    digest: str
    status: UploadStatus
    worker: str | None
    lease_until: datetime | None
    attempts: int
    finished_at: datetime | None
    reason: str | None
    submission_id: int | None


class Uploads:
    """The queue of a store.

    Args:
        database: Where it is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def enqueue(self, file: BinaryIO, *, owner: str | None = None) -> Upload:
        """Take a file and return it waiting.

        Args:
            file: On this machine's disk: others cannot write while it is read, a piece at a time.
            owner: Who sent it; None for this machine.

        Raises:
            ArgumentError: It is empty.
        """
        taken = hashlib.blake2b(digest_size=16)
        row = UploadRow(
            owner=owner, received_at=datetime.now(UTC), size=0, digest="", status="waiting", attempts=0
        )
        with self._database.writing() as session:
            session.add(row)
            session.flush()
            for number, content in enumerate(iter(lambda: file.read(_PART), b"")):
                taken.update(content)
                row.size += len(content)
                session.execute(
                    insert(UploadPartRow).values(upload_id=row.id, number=number, content=content)
                )
            if row.size == 0:
                raise ArgumentError("The uploaded file is empty. Send a submission file.")
            row.digest = taken.hexdigest()
            session.flush()
            return _value(row)

    def claim(self, worker: str, *, lease_s: float) -> Upload | None:
        """Take the oldest upload that waits or whose worker is overdue; None where there is none.

        One that was claimed three times and never finished is rejected: it kills its workers.

        Args:
            worker: Name of the claimant.
            lease_s: Seconds until others may take it, unless `renew` is called.
        """
        while True:
            with self._database.writing() as session:
                row = session.scalar(_next_in_turn())
                if row is None:
                    return None
                if row.attempts < _MOST_ATTEMPTS:
                    row.status, row.worker, row.attempts = "claimed", worker, row.attempts + 1
                    row.lease_until = datetime.now(UTC) + timedelta(seconds=lease_s)
                    return _value(row)
                told = f"Its verification broke off {_MOST_ATTEMPTS} times (limits of time or memory)."
                _settle(session, row, "rejected", reason=told)

    def renew(self, id: int, worker: str, *, lease_s: float) -> bool:
        """Prolong a lease; False where the upload is this worker's no more."""
        with self._database.writing() as session:
            row = _held(session, id, worker)
            if row is not None:
                row.lease_until = datetime.now(UTC) + timedelta(seconds=lease_s)
            return row is not None

    def release(self, id: int, worker: str) -> bool:
        """Give an upload back as if it had not been claimed; False where it is this worker's no more."""
        with self._database.writing() as session:
            row = _held(session, id, worker)
            if row is not None:
                row.status, row.worker, row.lease_until = "waiting", None, None
                row.attempts -= 1
            return row is not None

    def read(self, id: int) -> Iterator[bytes]:
        """Yield the bytes of an upload that has no verdict yet, piece by piece.

        Raises:
            ArgumentError: There is none of this number, or it has its verdict and the bytes are gone.
            StoreError: The bytes were altered in the store.
        """
        upload, found, number = self.get(id), hashlib.blake2b(digest_size=16), 0
        if upload.status not in ("waiting", "claimed"):
            raise ArgumentError(f"Upload {id} is {upload.status}; its bytes are no longer kept.")
        while content := self._part(id, number):
            found.update(content)
            yield content
            number += 1
        if found.hexdigest() != upload.digest:
            raise StoreError(f"The bytes of upload {id} were altered or damaged in the store.")

    def reject(self, id: int, worker: str, reason: str) -> bool:
        """Give the verdict that it does not hold; False where the upload is this worker's no more."""
        with self._database.writing() as session:
            row = _held(session, id, worker)
            if row is not None:
                _settle(session, row, "rejected", reason=reason)
            return row is not None

    def cancel(self, id: int) -> Upload:
        """Take an upload back that still waits.

        Raises:
            ArgumentError: There is none of this number, or it does not wait any more.
        """
        with self._database.writing() as session:
            row = _found(session, id, lock=True)
            if row.status != "waiting":
                raise ArgumentError(f"Upload {id} is {row.status}; only one that waits can be cancelled.")
            _settle(session, row, "cancelled")
            return _value(row)

    def get(self, id: int) -> Upload:
        """Return one upload.

        Raises:
            ArgumentError: There is none of this number.
        """
        with self._database.reading() as session:
            return _value(_found(session, id))

    def all(
        self,
        *,
        owner: str | None = None,
        status: UploadStatus | None = None,
        offset: int = 0,
        limit: int = 100,
    ) -> list[Upload]:
        """Return uploads, newest first.

        Args:
            owner: Only of this owner; None for all.
            status: Only where they stand so; None for all.
            offset: Number of uploads to skip.
            limit: Greatest number of uploads returned.
        """
        query = select(UploadRow).where(*_wanted(owner, status)).order_by(UploadRow.id.desc())
        with self._database.reading() as session:
            return [_value(row) for row in session.scalars(query.offset(offset).limit(limit))]

    def count(self, *, owner: str | None = None, status: UploadStatus | None = None) -> int:
        """Count uploads, chosen as by `all`."""
        with self._database.reading() as session:
            found = session.scalar(select(func.count(UploadRow.id)).where(*_wanted(owner, status)))
            return found or 0

    def _part(self, id: int, number: int) -> bytes | None:
        with self._database.reading() as session:
            row = session.get(UploadPartRow, (id, number))
            return None if row is None else row.content


def accept(session: Session, id: int, worker: str, submission_id: int) -> None:
    """Give the verdict that it holds, in the transaction that stores the entry.

    Raises:
        ArgumentError: The upload is this worker's no more: another has it, or it was decided.
    """
    row = _held(session, id, worker)
    if row is None:
        raise ArgumentError(f"Upload {id} is not {worker}'s any more; the lease ran out. Nothing was stored.")
    _settle(session, row, "accepted", submission_id=submission_id)


def _next_in_turn() -> Select[UploadRow]:
    overdue = and_(UploadRow.status == "claimed", UploadRow.lease_until < datetime.now(UTC))
    query = select(UploadRow).where(or_(UploadRow.status == "waiting", overdue)).order_by(UploadRow.id)
    return query.limit(1).with_for_update(skip_locked=True)


def _wanted(owner: str | None, status: UploadStatus | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if owner is not None:
        wanted.append(UploadRow.owner == owner)
    if status is not None:
        wanted.append(UploadRow.status == status)
    return wanted


def _held(session: Session, id: int, worker: str) -> UploadRow | None:
    row = session.get(UploadRow, id, with_for_update=True)
    return row if row is not None and (row.status, row.worker) == ("claimed", worker) else None


def _found(session: Session, id: int, *, lock: bool = False) -> UploadRow:
    row = session.get(UploadRow, id, with_for_update=lock)
    if row is None:
        raise ArgumentError(f"There is no upload {id}.")
    return row


def _settle(
    session: Session,
    row: UploadRow,
    status: UploadStatus,
    *,
    reason: str | None = None,
    submission_id: int | None = None,
) -> None:
    row.status, row.submission_id = status, submission_id
    row.reason = None if reason is None else storable(reason)
    row.finished_at, row.lease_until = datetime.now(UTC), None
    session.execute(delete(UploadPartRow).where(UploadPartRow.upload_id == row.id))


def _value(row: UploadRow) -> Upload:
    status = cast(UploadStatus, row.status)
    return Upload(
        row.id, row.owner, row.received_at, row.size, row.digest, status, row.worker, row.lease_until,
        row.attempts, row.finished_at, row.reason, row.submission_id,
    )  # fmt: skip
