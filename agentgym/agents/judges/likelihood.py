"""The model's own likelihood of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agentgym.agents.judges.judge import Verdict
from agentgym.agents.protocol import Agent
from agentgym.errors import ArgumentError
from agentgym.trajectory import Decision, Turn

__all__ = ["LikelihoodJudge"]


class LikelihoodJudge:
    """Log-likelihood of the whole answer: of the k samples the likeliest is taken.

    Args:
        agent: A local model.

    Raises:
        ArgumentError: The agent does not tell likelihoods.
    """

    def __init__(self, agent: Agent) -> None:
        if not hasattr(agent, "likelihoods"):
            raise ArgumentError(
                f"{agent.spec} tells no likelihoods. Pass judge=votes or judge=self, or play a model of hf:."
            )
        self._agent: Any = agent

    def judge(self, turns: Sequence[Turn], candidates: Sequence[Sequence[Decision]]) -> list[Verdict]:
        """Add up the log-probabilities of each candidate's tokens; those without tokens are read first."""
        unread = [turn for turn, some in zip(turns, candidates, strict=True) if some[0].logprobs is None]
        read = iter(self._agent.likelihoods(unread) if unread else ())
        return [
            Verdict(next(read))
            if some[0].logprobs is None
            else Verdict(np.array([float(np.sum(one.logprobs)) for one in some if one.logprobs is not None]))
            for some in candidates
        ]
