"""Runs the steps on the connection, and so in the transaction, of whoever opens the store."""

from alembic import context

from agentgym.leaderboard.models import Base
from agentgym.leaderboard.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
