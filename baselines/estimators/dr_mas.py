"""Dr. MAS: outcomes normalised among the steps of one agent."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.primitives import bounded, first_rows, group_norm, pair
from baselines.estimators.registry import Advantages, register

__all__ = ["dr_mas"]


@register(
    "dr_mas",
    paper="Dr. MAS: Stable Reinforcement Learning for Multi-Agent LLM Systems",
    arxiv="2602.08847",
    needs=("outcome", "agent"),
    level="episode",
)
def dr_mas(batch: StepBatch, *, by_agent: bool = True) -> Advantages:
    """Normalise the outcomes of each agent's steps in a group by that agent's own mean and deviation.

    A_i = (x_i - mean x) / (std x + 1e-6) over the steps of the same group and agent.

    Args:
        batch: N steps.
        by_agent: False gives the baseline that the paper argues against: the score of an episode is the mean
            of its steps' outcomes, and the statistics are over the group's episodes, whoever acted.

    Returns:
        Advantages of shape (N,). One step alone keeps its score; equal scores give exactly 0.

    References:
        Feng et al. 2026, agent-wise normalisation, https://arxiv.org/abs/2602.08847. Deviation from the
        paper: a step alone keeps its score (as released). Read in the released code, which was not run.
    """
    if by_agent:
        return Advantages(group_norm(batch.outcome, pair(bounded(batch.group), bounded(batch.agent))))
    episode = bounded(batch.episode)
    score = np.bincount(episode, batch.outcome) / np.maximum(np.bincount(episode), 1)
    return Advantages(group_norm(score[episode], batch.group, where=first_rows(episode)))
