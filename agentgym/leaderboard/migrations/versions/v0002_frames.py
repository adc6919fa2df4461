"""From one gzipped blob an entry to the frames of a submission file, with queue, tokens and comparisons.

What a stored entry says stays; its file is written anew in the format of today, because the first release had
none. Its suite gets the hash that it has now that a suite tells its rules, too.
"""

from __future__ import annotations

import zlib
from typing import Any

import sqlalchemy as sa
from alembic import op

from agentgym.errors import ArgumentError, DataError, StoreError
from agentgym.leaderboard.migrations.released import Released, rewritten

revision = "0002"
down_revision = "0001"

_DOUBLE = sa.Float(53)


def upgrade() -> None:
    """Make the new tables, carry the entries over, drop the old tables."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # there its name would be in the way of the new one's
        op.drop_constraint("submitted_once", "submissions")
    op.rename_table("submissions", "released_submissions")
    _make_suites_and_submissions()
    _make_episodes_and_gaps()
    _make_uploads_and_tokens()
    _carry_over(connection)
    op.drop_table("released_submissions")
    op.drop_table("board")


def _carry_over(connection: sa.Connection) -> None:
    """Rewrite the entries one at a time, under their old numbers."""
    tables = sa.MetaData()
    old, suites, submissions, episodes = (
        sa.Table(name, tables, autoload_with=connection)
        for name in ("released_submissions", "suites", "submissions", "episodes")
    )
    known: set[str] = set()
    for id in connection.execute(sa.select(old.c.id).order_by(old.c.id)).scalars().all():
        row = connection.execute(sa.select(old).where(old.c.id == id)).one()
        new = _rewritten(row._mapping)
        if new.suite["hash"] not in known:
            connection.execute(suites.insert(), new.suite)
            known.add(new.suite["hash"])
        connection.execute(submissions.insert(), {"id": id, **new.submission})
        connection.execute(episodes.insert(), [{"submission_id": id, **e} for e in new.episodes])
    if connection.dialect.name == "postgresql":
        last = "SELECT setval(pg_get_serial_sequence('submissions', 'id'), max(id)) FROM submissions"
        connection.execute(sa.text(last + " HAVING max(id) > 0"))


def _rewritten(row: Any) -> Released:
    try:
        return rewritten(row)
    except (DataError, ArgumentError, ValueError, TypeError, LookupError, OSError, zlib.error) as error:
        raise StoreError(
            f"Submission {row['id']} cannot be carried over from the schema of release 0.1: {error}. The "
            "store was left as it is: remove that submission with release 0.1, then open it again."
        ) from error


def _make_suites_and_submissions() -> None:
    op.create_table(
        "suites",
        sa.Column("hash", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("episodes", sa.Integer, nullable=False),
        sa.Column("splits_json", sa.Text, nullable=False),
        sa.Column("metrics_json", sa.Text, nullable=False),
        sa.Column("record_json", sa.Text, nullable=False),
    )
    bounded = [
        sa.Column(name + end, _DOUBLE, nullable=bool(end) or name == "normalised")
        for name in ("success", "score", "normalised")
        for end in ("", "_low", "_high")
    ]
    means = [sa.Column(name, _DOUBLE, nullable=False) for name in ("turns", "invalid_rate", "tokens", "cost")]
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("suite_hash", sa.String(32), sa.ForeignKey("suites.hash"), nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("owner", sa.String(80), index=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("package", sa.String(64), nullable=False),
        sa.Column("episodes", sa.Integer, nullable=False),
        sa.Column("tasks", sa.Integer, nullable=False),
        *bounded,
        *means,
        sa.Column("errored", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("content_digest", sa.String(32), nullable=False),
        sa.Column("file_digest", sa.String(32), nullable=False),
        *(sa.Column(f"{name}_json", sa.Text, nullable=False) for name in ("notes", "metrics", "normalised")),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("outcomes", "header", "trailer")),
        sa.UniqueConstraint("suite_hash", "content_digest", name="submitted_once"),
    )
    ranked = ["suite_hash", "status", "success", "score", "submitted_at"]
    op.create_index("submissions_ranking", "submissions", ranked)


def _make_episodes_and_gaps() -> None:
    op.create_table(
        "episodes",
        sa.Column(
            "submission_id", sa.Integer, sa.ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("env_id", sa.Text, nullable=False),
        sa.Column("task_id", sa.Text, nullable=False),
        sa.Column("group_number", sa.Integer, nullable=False),
        sa.Column("success", sa.Boolean, nullable=False),
        sa.Column("score", _DOUBLE, nullable=False),
        sa.Column("episode_return", _DOUBLE, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("invalid", sa.Integer, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        *(sa.Column(name, _DOUBLE, nullable=False) for name in ("cost", "model_s", "env_s")),
        sa.Column("error", sa.Text),
        sa.Column("words", sa.String(32), index=True),
        sa.Column("actions", sa.String(32), nullable=False, index=True),
        sa.Column("frame", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "gaps",
        *(
            sa.Column(
                name,
                sa.Integer,
                sa.ForeignKey("submissions.id", ondelete="CASCADE"),
                primary_key=True,
                autoincrement=False,
            )
            for name in ("above_id", "below_id")
        ),
        sa.Column("record_json", sa.Text, nullable=False),
    )


def _make_uploads_and_tokens() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(80), index=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("worker", sa.String(80)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text),
        sa.Column("submission_id", sa.Integer, sa.ForeignKey("submissions.id", ondelete="SET NULL")),
    )
    op.create_index("uploads_in_turn", "uploads", ["status", "id"])
    op.create_table(
        "upload_parts",
        sa.Column("upload_id", sa.Integer, sa.ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(80), nullable=False, index=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=name != "created_at")
            for name in ("created_at", "expires_at", "revoked_at")
        ),
    )
