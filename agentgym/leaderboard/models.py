"""The tables of the store. Imported only where a store is opened: SQLAlchemy is optional.

A submitted file is kept as the frames that it consists of, so that one episode opens without the rest and the
whole comes back byte for byte. Whoever changes a table writes a migration beside it (`migrations/`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "Base",
    "EpisodeRow",
    "GapRow",
    "SubmissionRow",
    "SuiteRow",
    "TokenRow",
    "UploadPartRow",
    "UploadRow",
]


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
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of a store."""


class SuiteRow(Base):
    """A suite written out, once for all its entries."""

    __tablename__ = "suites"

    hash: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int]
    episodes: Mapped[int]
    splits_json: Mapped[str] = mapped_column(Text)
    metrics_json: Mapped[str] = mapped_column(Text)
    record_json: Mapped[str] = mapped_column(Text, deferred=True)


class SubmissionRow(Base):
    """One entry. `content_digest` says what was submitted, `file_digest` guards the stored bytes."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("suite_hash", "content_digest", name="submitted_once"),
        Index("submissions_ranking", "suite_hash", "status", "success", "score", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    suite_hash: Mapped[str] = mapped_column(ForeignKey("suites.hash"))
    agent: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(80))
    owner: Mapped[str | None] = mapped_column(String(80), index=True)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    package: Mapped[str] = mapped_column(String(64))
    episodes: Mapped[int]
    tasks: Mapped[int]
    success: Mapped[float] = mapped_column(Float(53))
    success_low: Mapped[float | None] = mapped_column(Float(53))
    success_high: Mapped[float | None] = mapped_column(Float(53))
    score: Mapped[float] = mapped_column(Float(53))
    score_low: Mapped[float | None] = mapped_column(Float(53))
    score_high: Mapped[float | None] = mapped_column(Float(53))
    normalised: Mapped[float | None] = mapped_column(Float(53))
    normalised_low: Mapped[float | None] = mapped_column(Float(53))
    normalised_high: Mapped[float | None] = mapped_column(Float(53))
    turns: Mapped[float] = mapped_column(Float(53))
    invalid_rate: Mapped[float] = mapped_column(Float(53))
    tokens: Mapped[float] = mapped_column(Float(53))
    cost: Mapped[float] = mapped_column(Float(53))
    errored: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    content_digest: Mapped[str] = mapped_column(String(32))
    file_digest: Mapped[str] = mapped_column(String(32))
    notes_json: Mapped[str] = mapped_column(Text)
    metrics_json: Mapped[str] = mapped_column(Text, deferred=True)
    normalised_json: Mapped[str] = mapped_column(Text, deferred=True)
    outcomes: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    header: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    trailer: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class EpisodeRow(Base):
    """One episode of an entry and the frame that holds it."""

    __tablename__ = "episodes"

    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    env_id: Mapped[str] = mapped_column(Text)
    task_id: Mapped[str] = mapped_column(Text)
    group: Mapped[int] = mapped_column("group_number")
    success: Mapped[bool]
    score: Mapped[float] = mapped_column(Float(53))
    episode_return: Mapped[float] = mapped_column(Float(53))
    turns: Mapped[int]
    invalid: Mapped[int]
    tokens: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[float] = mapped_column(Float(53))
    model_s: Mapped[float] = mapped_column(Float(53))
    env_s: Mapped[float] = mapped_column(Float(53))
    error: Mapped[str | None] = mapped_column(Text)
    words: Mapped[str | None] = mapped_column(String(32), index=True)
    actions: Mapped[str] = mapped_column(String(32), index=True)
    frame: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class GapRow(Base):
    """Two entries compared, once: what was played never changes, so neither does this."""

    __tablename__ = "gaps"

    above_id: Mapped[int] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    below_id: Mapped[int] = mapped_column(
        ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    record_json: Mapped[str] = mapped_column(Text)


class UploadRow(Base):
    """A file that waits for its verdict, or has had it."""

    __tablename__ = "uploads"
    __table_args__ = (Index("uploads_in_turn", "status", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str | None] = mapped_column(String(80), index=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    worker: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(Text)
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id", ondelete="SET NULL"))


class UploadPartRow(Base):
    """A piece of an uploaded file; gone once there is a verdict."""

    __tablename__ = "upload_parts"

    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class TokenRow(Base):
    """A right to use the server, known by the digest of a secret that only its owner has."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(80), index=True)
    role: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
