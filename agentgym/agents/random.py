"""The random floor: a uniform choice among the admissible actions."""

from __future__ import annotations

from collections.abc import Sequence

from agentgym.spaces import FreeText
from agentgym.trajectory import Decision, Turn

__all__ = ["RandomAgent"]


class RandomAgent:
    """Draws an admissible action; where the set is open, random text."""

    spec = "random"
    wants_oracle = False

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn by its own generator."""
        return [Decision(_draw(turn)) for turn in turns]


def _draw(turn: Turn) -> str:
    choices = turn.info["admissible_actions"]
    if choices:
        return str(choices[int(turn.rng().integers(len(choices)))])
    return FreeText(seed=turn.rng()).sample()
