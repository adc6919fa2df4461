"""The contract of users, and the word that ends a conversation."""

from __future__ import annotations

from typing import Any, Final, Protocol

__all__ = ["STOP", "User"]

STOP: Final = "###STOP###"
"""A conversation is over when one of the two says this."""


class User(Protocol):
    """A customer in a conversation."""

    def opening(self) -> str:
        """Say the first words."""
        ...

    def answer(self, reply: str) -> str:
        """Answer the agent; the answer holds `STOP` when the customer leaves."""
        ...

    def notice_call(self) -> None:
        """Take note that the agent has called a tool."""
        ...

    def save(self) -> Any:
        """Return the state as a JSON value: equal states go on alike."""
        ...

    def load(self, state: Any) -> None:
        """Take up a state that `save` returned.

        Raises:
            DataError: It is no such state. The present one is left as it was.
        """
        ...
