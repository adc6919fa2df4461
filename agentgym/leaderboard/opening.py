"""Find and open the store without asking for SQLAlchemy before it is needed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agentgym.errors import require

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["DEFAULT_STORE", "default_address", "open_store"]

DEFAULT_STORE = "runs/leaderboard.sqlite"
ENVIRONMENT_VARIABLE = "AGENTGYM_STORE"


def default_address() -> str:
    """Return $AGENTGYM_STORE, else runs/leaderboard.sqlite in the working directory."""
    return os.environ.get(ENVIRONMENT_VARIABLE) or DEFAULT_STORE


def open_store(address: str | None = None) -> Store:
    """Open a store, making it where there is none and bringing an older one up to date.

    Args:
        address: Path of an SQLite file or a database URL; None: `default_address()`.

    Raises:
        MissingExtraError: SQLAlchemy, Alembic, or the driver of the database is not installed.
        StoreError: What is there is no store, is damaged, or has a newer schema.
    """
    for module in ("sqlalchemy", "alembic"):
        require(module, extra="board", who="The leaderboard store")
    from agentgym.leaderboard.store import Store

    return Store(address or default_address())
