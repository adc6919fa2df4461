"""A user who has written a ticket: everything is said at once, and every question is answered by yes."""

from __future__ import annotations

from typing import Any, Final

from agentgym.errors import DataError
from envs.tooluse.customer.users.user import STOP

__all__ = ["TicketUser"]

_YES: Final = "Yes, please proceed."


class TicketUser:
    """Says the whole instruction first, then yes, and leaves at the second reply without a call in between.

    Args:
        instruction: What the customer wants.
    """

    def __init__(self, instruction: str) -> None:
        self._instruction = instruction
        self._answered = False

    def opening(self) -> str:
        """Say everything."""
        return self._instruction

    def answer(self, reply: str) -> str:
        """Say yes, or leave where nothing was done since the last yes."""
        if self._answered:
            return STOP
        self._answered = True
        return _YES

    def notice_call(self) -> None:
        """Take note that something was done."""
        self._answered = False

    def save(self) -> bool:
        """Return whether the last thing that happened was a yes."""
        return self._answered

    def load(self, state: Any) -> None:
        """Take up a state."""
        if not isinstance(state, bool):
            raise DataError("the user's state is none")
        self._answered = state
