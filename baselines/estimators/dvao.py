"""DVAO: rewards that vary more in the group weigh more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.gdpo import reward_weights
from baselines.estimators.primitives import deviation, first_rows, group_stats
from baselines.estimators.registry import Advantages, register

__all__ = ["dvao"]


@register(
    "dvao",
    paper="DVAO: Dynamic Variance-adaptive Advantage Optimization for Multi-reward Reinforcement Learning",
    arxiv="2605.25604",
    needs=("rewards",),
    level="episode",
    reference=False,
)
def dvao(
    batch: StepBatch, *, weights: Sequence[float] | None = None, ddof: int = 0, eps: float = 1e-8
) -> Advantages:
    """Blend the rewards' advantages by how much each reward varies in the group.

    A = sum_k w_k s_k / (sum_l w_l s_l + eps) * (r_k - mean_g r_k) / (s_k + eps), s_k the deviation of reward
    k in the group, over one value per episode. Rewards that are all constant give 0.

    Args:
        batch: N steps with `rewards` (N, K): an episode's K scores, on each of its steps.
        weights: K numbers; None: all 1.
        ddof: Degrees of freedom of the deviations.
        eps: Added to deviations and to the sum of weights.

    Returns:
        Advantages of shape (N,).

    Raises:
        ArgumentError: The weights do not fit.

    References:
        Jiang et al. 2026, https://arxiv.org/abs/2605.25604. Our reading, not checked against released code.
        Deviation from the paper: eps is our choice.
    """
    rewards, first = batch.column("rewards", "dvao"), first_rows(batch.episode)
    total, varying = np.zeros(len(batch)), np.zeros(len(batch))
    for weight, reward in zip(reward_weights(weights, rewards), rewards.T, strict=True):
        _, mean, std = group_stats(reward, batch.group, first, ddof=ddof)
        share = weight * std
        total += share * np.where(std > 0, deviation(reward, mean), 0.0) / (std + eps)
        varying += share
    return Advantages(total / (varying + eps))
