"""The model's own opinion of an action."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from agentgym.agents.judges.judge import Verdict
from agentgym.agents.protocol import Agent
from agentgym.agents.writing import said, writer
from agentgym.hashing import derive_seed
from agentgym.trajectory import Decision, Turn

__all__ = ["SelfJudge"]

_DOES_IT: Final = (
    "{observation}\n\nProposed action: {action}\nIs it a good step towards the goal? Answer yes or no."
)
_HOW_GOOD: Final = (
    "{observation}\n\nProposed action: {action}\nHow good a step towards the goal is it? Answer with one "
    "number from 0 (useless) to 10 (best)."
)
_NUMBER: Final = re.compile(r"\d{1,4}(?:\.\d{1,4})?")


class SelfJudge:
    """Asks the agent's model about each action: once for each, however many candidates have it.

    A local model is asked for a yes, and the score is how likely that is beside a no. A model behind a server
    is asked for a mark from 0 to 10; what holds no number is 0.

    Args:
        agent: Any agent.
    """

    words = _DOES_IT + _HOW_GOOD

    def __init__(self, agent: Agent) -> None:
        self._writer: Any = writer(agent, marker="Answer:")
        self._tells = hasattr(agent, "likelihoods")

    def judge(
        self, turns: Sequence[Turn], candidates: Sequence[Sequence[Decision]]
    ) -> list[Verdict | Exception]:
        """Ask for an opinion on every action."""
        actions = [list(dict.fromkeys(one.action for one in some)) for some in candidates]
        asked = [
            self._question(turn, action) for turn, some in zip(turns, actions, strict=True) for action in some
        ]
        opinions = iter(self._yes(asked) if self._tells else self._marks(asked))
        return [
            _verdict(some, {action: next(opinions) for action in found})
            for some, found in zip(candidates, actions, strict=True)
        ]

    def _question(self, turn: Turn, action: str) -> Turn:
        ask = _DOES_IT if self._tells else _HOW_GOOD
        return replace(
            turn,
            seed=derive_seed(turn.seed, 2),
            observation=ask.format(observation=turn.observation, action=action),
            info={**turn.info, "admissible_actions": ("yes", "no") if self._tells else None},
        )

    def _yes(self, asked: Sequence[Turn]) -> list[tuple[float, None]]:
        return [(float(one[0] - np.logaddexp(*one)), None) for one in self._writer.likelihoods(asked)]

    def _marks(self, asked: Sequence[Turn]) -> list[tuple[float, Decision] | Exception]:
        return [
            one if isinstance(one, Exception) else (_mark(said(one)), one) for one in self._writer.act(asked)
        ]


def _verdict(
    candidates: Sequence[Decision], opinions: dict[str, tuple[float, Decision | None] | Exception]
) -> Verdict | Exception:
    scores, asked = dict[str, float](), []
    for action, opinion in opinions.items():
        if isinstance(opinion, Exception):
            return opinion
        scores[action] = opinion[0]
        asked += [opinion[1]] if opinion[1] is not None else []
    return Verdict(np.array([scores[one.action] for one in candidates]), asked)


def _mark(text: str) -> float:
    found = _NUMBER.search(text)
    return 0.0 if found is None else min(10.0, float(found[0]))
