"""What most samples say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from agentgym.agents.judges.judge import Verdict
from agentgym.agents.protocol import Agent
from agentgym.trajectory import Decision, Turn

__all__ = ["VotesJudge"]


class VotesJudge:
    """Number of candidates with the same action; the first of those with most is taken.

    Args:
        agent: Any agent.

    References:
        Wang et al. 2023, self-consistency, https://arxiv.org/abs/2203.11171. Deviation from the paper: votes
        are on each action, not on a final answer.
    """

    def __init__(self, agent: Agent) -> None:
        del agent  # whoever it is: only what was said counts

    def judge(self, turns: Sequence[Turn], candidates: Sequence[Sequence[Decision]]) -> list[Verdict]:
        """Count the votes."""
        return [Verdict(_votes([one.action for one in some])) for some in candidates]


def _votes(actions: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    counts = Counter(actions)
    return np.array([counts[action] for action in actions], np.float64)
