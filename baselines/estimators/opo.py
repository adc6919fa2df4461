"""OPO: outcomes against a mean that long responses dominate."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from baselines.estimators.primitives import bounded, deviation, first_rows, group_stats, token_count
from baselines.estimators.registry import Advantages, register

__all__ = ["opo"]


@register(
    "opo",
    paper="On-Policy RL with Optimal Reward Baseline",
    arxiv="2505.23585",
    needs=("outcome", "token_offsets"),
    level="episode",
)
def opo(batch: StepBatch) -> Advantages:
    """Score each step with its episode's outcome minus the group's mean weighted by length.

    A_i = x_i - sum_j l_j x_j / sum_j l_j over the episodes j of the group, l_j the number of trained tokens
    of episode j and x_j its first step's outcome. A group of one keeps its score; a group whose outcomes are
    equal, or none of whose episodes has a token, is centred on its plain mean.

    Args:
        batch: N steps with T response tokens.

    Returns:
        Advantages of shape (N,), not divided by a deviation.

    References:
        Hao et al. 2025, optimal reward baseline, https://arxiv.org/abs/2505.23585. Deviation from the paper:
        a group of one keeps its score (as in verl). Read in verl's code, which was not run.
    """
    where = first_rows(batch.episode)
    episodes = group_stats(batch.outcome, batch.group, where)
    baseline = np.where(episodes.std > 0, _weighted_mean(batch, episodes.mean), episodes.mean)
    return Advantages(np.where(episodes.n == 1, batch.outcome, deviation(batch.outcome, baseline)))


def _weighted_mean(batch: StepBatch, otherwise: FloatArray) -> FloatArray:
    episode, group, first = bounded(batch.episode), bounded(batch.group), first_rows(batch.episode)
    score = np.zeros(int(episode.max()) + 1)
    score[episode[first]] = batch.outcome[first]
    length = token_count(batch)
    total = np.bincount(group, length)
    mean = np.bincount(group, length * score[episode]) / np.maximum(total, 1.0)
    return np.where(total[group] > 0, mean[group], otherwise)
