"""Agents that learn only by what they are told, and that are of two minds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentgym.agents import PromptTemplate, register_agent
from agentgym.trajectory import Decision, Turn

__all__ = ["Stubborn", "Wavering"]


class Stubborn:
    """Goes west until its own reflection says otherwise; sees that turn 1 was the mistake.

    Attributes:
        asked: Every turn that it was shown.
        drawn: A number of each turn's chance.
    """

    spec = "stubborn"
    wants_oracle = False
    template = PromptTemplate()

    def __init__(self, advice: str = "go east") -> None:
        self.advice = advice
        self.asked: list[Turn] = []
        self.drawn: list[float] = []
        self.calls = 0

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        self.calls += 1
        self.asked += turns
        self.drawn += [float(turn.rng().random()) for turn in turns]
        return [self._decision(turn) for turn in turns]

    def _decision(self, turn: Turn) -> Decision:
        usage = {"prompt_tokens": 5.0, "completion_tokens": 2.0, "cost": 0.5}
        if "You played this and failed" in turn.observation:
            said = f"<think>hm, turn 7?</think>Turn 1. I should {self.advice}."
            return Decision(said, said, usage=usage)
        action = "go east" if "I should go east" in turn.note else "go west"
        return Decision(action, action, usage=usage)


class Wavering:
    """Draws an action by the turn's chance, and knows how likely that was.

    Args:
        east: Probability of going east.
    """

    spec = "wavering"
    wants_oracle = False

    def __init__(self, east: float = 0.4) -> None:
        self.east = east

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        return [self._decision(turn) for turn in turns]

    def likelihoods(self, turns: Sequence[Turn]) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
        return [self._likelihood(turn) for turn in turns]

    def _decision(self, turn: Turn) -> Decision:
        goes_east = turn.rng().random() < self.east
        chance = self.east if goes_east else 1.0 - self.east
        return Decision(
            "go east" if goes_east else "go west",
            token_ids=np.array([1, 2]),
            logprobs=np.array([np.log(chance), 0.0]),
            usage=None,
        )

    def _likelihood(self, turn: Turn) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        if turn.info["admissible_actions"] == ("yes", "no"):
            yes = 0.9 if "Proposed action: go east" in turn.observation else 0.2
            return np.log([yes, 1.0 - yes])
        return np.log([{"go east": self.east}.get(a, 0.1) for a in turn.info["admissible_actions"]])


register_agent("stubborn", "tests.agentgym.agents.learners:Stubborn")
