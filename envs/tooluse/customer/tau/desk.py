"""What the services of tau-bench have in common: a database, a calculator, thoughts and the transfer."""

from __future__ import annotations

from typing import Any

from envs.tooluse.core import Service, tool
from envs.tooluse.customer.database import Base, Database
from envs.tooluse.customer.tau.arithmetic import calculate as compute

__all__ = ["Desk"]


class Desk(Service):
    """A customer service desk.

    Its tools return "Error: ..." where the original does; nothing is written before every check is passed.

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
        """Take up rows that `save` returned."""
        self.database = Database.load(self.base, state)

    @property
    def base(self) -> Base:
        """What the database started from."""
        return self.database.base

    @tool
    def calculate(self, expression: str) -> str:
        """Compute an expression of numbers, + - * / and parentheses.

        Args:
            expression: The expression, such as "2 + 2".
        """
        return compute(expression)

    @tool
    def think(self, thought: str) -> str:
        """Write a thought down. Nothing is read or changed.

        Args:
            thought: The thought.
        """
        return ""

    @tool
    def transfer_to_human_agents(self, summary: str) -> str:
        """Hand the customer over to a human and end the conversation; only where no other tool can help.

        Args:
            summary: What the customer wants.
        """
        return "Transfer successful"
