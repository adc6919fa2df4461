"""SEED-GRPO: tasks on which the answers differ in meaning teach less."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray, IntArray
from baselines.estimators.grpo import grpo
from baselines.estimators.primitives import bounded, first_rows, pair
from baselines.estimators.registry import Advantages, register

__all__ = ["seed_grpo"]


@register(
    "seed_grpo",
    paper="SEED-GRPO: Semantic Entropy Enhanced GRPO for Uncertainty-Aware Policy Optimization",
    arxiv="2505.12346",
    needs=("outcome", "cluster"),
    level="episode",
    reference=False,
)
def seed_grpo(batch: StepBatch, *, alpha: float = 1.0, eps: float = 1e-6) -> Advantages:
    """Scale grpo's advantages down by the semantic entropy of the group's answers.

    A = A_grpo * (1 - alpha * SE / log n), SE the entropy of the meaning clusters of the group's n answers.

    Args:
        batch: N steps; `cluster` numbers the meaning of each episode's final answer, the same on all its
            steps.
        alpha: Strength of the scaling, in [0, 1] to keep signs.
        eps: Added to grpo's deviation.

    Returns:
        Advantages of shape (N,).

    References:
        Chen et al. 2025, https://arxiv.org/abs/2505.12346. Our reading of the abstract: the linear scale and
        its normalisation by log n are guesses. Deviation from the paper: unknown.
    """
    first, group = first_rows(batch.episode), bounded(batch.group)
    cluster = bounded(batch.column("cluster", "seed_grpo"))
    unsure = _relative_entropy(group[first], cluster[first])
    return Advantages((1.0 - alpha * unsure[group]) * grpo(batch, eps=eps).step)


def _relative_entropy(group: IntArray, cluster: IntArray) -> FloatArray:
    """Entropy of each group's clusters over its greatest, log n: shape (G,), 0 for a group of one."""
    size = np.bincount(group)
    cell = pair(group, cluster)
    row = np.unique(cell, return_index=True)[1]
    share = np.bincount(cell)[cell[row]] / size[group[row]]
    entropy = np.bincount(group[row], -share * np.log(share), len(size))
    return np.asarray(entropy / np.log(np.maximum(size, 2)))
