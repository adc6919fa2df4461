"""What a form of answer is."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Style"]


class Style(Protocol):
    """A form of answer.

    Attributes:
        manual: What the model is told about it; "" where there is nothing to tell.
    """

    manual: str

    def action(self, response: str) -> str:
        """Take the action out of a response; all of it where it does not have the form."""
