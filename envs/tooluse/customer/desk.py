"""A desk: a service over the rows of a database."""

from __future__ import annotations

from typing import Any

from envs.tooluse.core import Service
from envs.tooluse.customer.database import Database

__all__ = ["Desk"]


class Desk(Service):
    """A customer service desk. Its tools write nothing before every check is passed.

    Args:
        database: The rows that the tools read and change.
    """

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database

    def save(self) -> list[list[Any]]:
        """Return the rows that differ from the base."""
        return self.database.save()

    def load(self, state: Any) -> None:
        """Take up rows that `save` returned.

        Raises:
            DataError: They are none.
        """
        self.database = Database.load(self.database.base, state)
