"""The do-nothing floor: an agent that calls no tool and ends the conversation at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agentgym.trajectory import Decision, Turn

__all__ = ["IdleAgent"]

_LAST_WORDS: Final = "I cannot help. ###STOP###"


class IdleAgent:
    """Says that it cannot help: what it scores, a benchmark gives for nothing."""

    spec = "idle"
    wants_oracle = False

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn alike."""
        return [Decision(_LAST_WORDS) for _ in turns]
