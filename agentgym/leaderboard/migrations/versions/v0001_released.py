"""The tables of the first release. Stores of that time have them already; they are only written down here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables as release 0.1 made them."""
    op.create_table(
        "board",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("schema", sa.Integer, nullable=False),
        sa.Column("package", sa.String(64), nullable=False),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("suite_name", sa.String(64), nullable=False, index=True),
        sa.Column("suite_version", sa.Integer, nullable=False),
        sa.Column("suite_hash", sa.String(32), nullable=False, index=True),
        sa.Column("suite_json", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("package", sa.String(64), nullable=False),
        sa.Column("metrics_json", sa.Text, nullable=False),
        sa.Column("outcomes_json", sa.Text, nullable=False),
        sa.Column("content_digest", sa.String(32), nullable=False),
        sa.Column("blob_digest", sa.String(32), nullable=False),
        sa.Column("trajectories_gz", sa.LargeBinary),
        sa.UniqueConstraint("suite_hash", "content_digest", name="submitted_once"),
    )
