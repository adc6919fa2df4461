"""What a format reads out of an agent's text, and the contract of formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from envs.tooluse.core.call import ToolCall, ToolResult
from envs.tooluse.core.tool import Toolbox

__all__ = ["MAX_CALLS", "MAX_CHARACTERS", "ActionFormat", "FormatFault", "Message"]

MAX_CHARACTERS = 1 << 20
"""Longest text that is read."""

MAX_CALLS = 64
"""Greatest number of calls in one text."""


@dataclass(frozen=True, slots=True)
class Message:
    """What an agent said.

    Attributes:
        calls: The calls; without any, the text is a reply.
        text: The reply; beside calls, what was said around them.
        repaired: Whether broken JSON was mended to read it.
    """

    calls: tuple[ToolCall, ...] = ()
    text: str = ""
    repaired: bool = False


class FormatFault(ValueError):
    """An agent's text cannot be read. The message says why, in words for the agent."""


class ActionFormat(Protocol):
    """A way to write calls and replies as text."""

    name: str

    def parse(self, text: str, tools: Toolbox, *, repair: bool = False) -> Message:
        """Read an agent's text.

        Args:
            text: At most `MAX_CHARACTERS` characters.
            tools: The tools that there are; formats without JSON need their parameters.
            repair: Whether broken JSON may be mended.

        Raises:
            FormatFault: It is neither a reply nor calls that can be read.
        """
        ...

    def write(self, message: Message, tools: Toolbox) -> str:
        """Write a message so that `parse` reads it back."""
        ...

    def answer(self, results: Sequence[ToolResult]) -> str:
        """Write what came of calls."""
        ...

    def manual(self) -> str:
        """Tell an agent how to write a call."""
        ...
