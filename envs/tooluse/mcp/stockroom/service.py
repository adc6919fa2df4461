"""The stockroom: a small service whose tasks come with `agentgym/MCP-v0`."""

from __future__ import annotations

from typing import Any

from agentgym.errors import DataError
from envs.tooluse.core import Service, tool

__all__ = ["Shelves", "Stockroom"]

Shelves = dict[str, dict[str, int]]
"""How many of each item lie on each shelf; items that are not there have no entry."""


class Stockroom(Service):
    """Shelves with items.

    Args:
        shelves: What lies where.
    """

    def __init__(self, shelves: Shelves) -> None:
        super().__init__()
        self.shelves = {shelf: dict(items) for shelf, items in shelves.items()}

    def save(self) -> Shelves:
        """Return the shelves."""
        return {shelf: dict(items) for shelf, items in self.shelves.items()}

    def load(self, state: Any) -> None:
        """Take up shelves that `save` returned."""
        if not isinstance(state, dict) or not all(_is_shelf(items) for items in state.values()):
            raise DataError("these are no shelves: each holds numbers of items above 0")
        self.shelves = {shelf: dict(items) for shelf, items in state.items()}

    @tool
    def list_shelves(self) -> list[str]:
        """List the names of all shelves."""
        return list(self.shelves)

    @tool
    def look_at_shelf(self, shelf: str) -> dict[str, int]:
        """Say how many of each item lie on a shelf.

        Args:
            shelf: The shelf's name, such as "A2".
        """
        return dict(self._items(shelf))

    @tool
    def find_item(self, item: str) -> dict[str, int]:
        """Say on which shelves an item lies, and how many on each.

        Args:
            item: The item, such as "bolt".
        """
        return {shelf: items[item] for shelf, items in self.shelves.items() if item in items}

    @tool
    def put(self, shelf: str, item: str, amount: int) -> str:
        """Put new items on a shelf.

        Args:
            shelf: The shelf's name.
            item: The item.
            amount: How many, at least 1.
        """
        return self._change(shelf, item, self._positive(amount))

    @tool
    def take(self, shelf: str, item: str, amount: int) -> str:
        """Take items off a shelf and out of the room.

        Args:
            shelf: The shelf's name.
            item: The item.
            amount: How many, at least 1.
        """
        return self._change(shelf, item, -self._positive(amount))

    @tool
    def move(self, item: str, source: str, target: str, amount: int) -> str:
        """Move items from one shelf to another.

        Args:
            item: The item.
            source: The shelf that they are on.
            target: The shelf that they go to.
            amount: How many, at least 1.
        """
        self._items(target)
        self._change(source, item, -self._positive(amount))
        return self._change(target, item, amount)

    def _items(self, shelf: str) -> dict[str, int]:
        if shelf not in self.shelves:
            raise ValueError(f"there is no shelf {shelf[:40]!a}; the shelves are {', '.join(self.shelves)}")
        return self.shelves[shelf]

    def _positive(self, amount: int) -> int:
        if not 0 < amount <= 1_000_000:
            raise ValueError("the amount must be from 1 to 1000000")
        return amount

    def _change(self, shelf: str, item: str, difference: int) -> str:
        items = self._items(shelf)
        left = items.get(item, 0) + difference
        if left < 0:
            raise ValueError(f"there are only {items.get(item, 0)} of {item[:40]!a} on {shelf}")
        items[item] = left
        if left == 0:
            del items[item]
        return f"There are now {left} of {item} on {shelf}."


def _is_shelf(items: Any) -> bool:
    return isinstance(items, dict) and all(type(amount) is int and amount > 0 for amount in items.values())
