"""Runs the steps on the connection, and so in the transaction, of whoever opens the store."""

from alembic import context

from agentgym.leaderboard.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
