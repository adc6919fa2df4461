"""An agent that leaves all that a language model leaves: words, tokens, log-probabilities, values, counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentgym import Decision, Turn
from agentgym.agents import register_agent

__all__ = ["BROKEN", "TALKER", "Talker"]

TALKER = "talker:1"
BROKEN = 7
"""The episode in which it breaks off after three turns."""

_WORDS = ("door", "wind", "west", "east", "step", "cell", "wall", "maybe", "then", "first", "rather", "walk")


class Talker:
    """Thinks aloud at random, waits twice, then walks to a door: to the wrong one in every third episode.

    Args:
        number: Tells agents apart: each has chance of its own.
    """

    wants_oracle = False

    def __init__(self, number: str) -> None:
        self.spec = f"talker:{number}"
        self._number = int(number)

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn."""
        return [self._decide(turn) for turn in turns]

    def _decide(self, turn: Turn) -> Decision:
        if turn.episode == BROKEN and turn.index == 3:
            raise OSError("the model is gone")
        rng = np.random.default_rng([self._number, turn.episode, turn.index])
        door = "east" if ("east" in turn.info["instruction"]) != (turn.episode % 3 == 1) else "west"
        action = "wait" if turn.index < 2 else f"go {door}"
        thought = " ".join(rng.choice(_WORDS, 12))
        ids = rng.integers(0, 500, 16)
        return Decision(
            action=action,
            response=f"<think>{thought}</think> {action}",
            prompt_ids=rng.integers(0, 500, 8),
            token_ids=ids,
            logprobs=-rng.random(16),
            entropies=rng.random(16),
            value=float(rng.random()),
            usage={"prompt_tokens": 8.0, "completion_tokens": 16.0, "cost": 0.001},
        )


register_agent("talker", "tests.agentgym.leaderboard.talker:Talker", "<number>")
