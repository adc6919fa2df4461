"""The tables of the store. Imported only where a store is opened: SQLAlchemy is optional."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, LargeBinary, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, deferred, mapped_column

__all__ = ["SCHEMA", "Base", "BoardRow", "SubmissionRow"]

SCHEMA = 1


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the zone; this puts it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment into UTC; one without a zone is a mistake of the caller."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone.")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone back."""
        return value if value is None or value.tzinfo is not None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables of a store."""


class BoardRow(Base):
    """One row: which schema the store has."""

    __tablename__ = "board"

    id: Mapped[int] = mapped_column(primary_key=True)
    schema: Mapped[int]
    package: Mapped[str] = mapped_column(String(64))


class SubmissionRow(Base):
    """One submission. `content_digest` says what was submitted, `blob_digest` guards the stored bytes."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("suite_hash", "content_digest", name="submitted_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    suite_name: Mapped[str] = mapped_column(String(64), index=True)
    suite_version: Mapped[int]
    suite_hash: Mapped[str] = mapped_column(String(32), index=True)
    suite_json: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(80))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    package: Mapped[str] = mapped_column(String(64))
    metrics_json: Mapped[str] = mapped_column(Text)
    outcomes_json: Mapped[str] = mapped_column(Text)
    content_digest: Mapped[str] = mapped_column(String(32))
    blob_digest: Mapped[str] = mapped_column(String(32))
    trajectories_gz: Mapped[bytes] = deferred(mapped_column(LargeBinary))
