"""ReSeek: steps that judge what was found are rewarded for what they found."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from baselines.rewards.registry import register_rule

__all__ = ["reseek"]


def reseek(correct: ArrayLike, utility: ArrayLike, judging: ArrayLike, *, weight: float = 0.5) -> FloatArray:
    """Reward a judging step with the correctness of what was found, plus its utility: c + weight * u.

    Args:
        correct: Correctness c of the facts found, shape (N,), in [0, 1].
        utility: How much u they help with the question, shape (N,), in [0, 1].
        judging: Whether the step judges, shape (N,), bool; the others get 0.
        weight: Weight of the utility; our choice.

    Returns:
        Process rewards, shape (N,), float64.

    References:
        Li et al. 2025, instructive rewards, https://arxiv.org/abs/2510.00568. Our reading of the abstract.
        Deviation from the paper: unknown.
    """
    reward = np.asarray(correct, np.float64) + weight * np.asarray(utility, np.float64)
    return np.where(np.asarray(judging, np.bool_), reward, 0.0)


@register_rule(
    "reseek",
    paper="ReSeek: A Self-Correcting Framework for Search Agents with Instructive Rewards",
    arxiv="2510.00568",
    needs=("rewards",),
    writes=("reward",),
    reference=False,
)
def reseek_rule(batch: StepBatch, *, weight: float = 0.5) -> StepBatch:
    """Add the process rewards of judging steps to the rewards; the outcome stays.

    The first column of `rewards` is the correctness and the last the utility of what was found; both are 0
    at steps that do not judge.
    """
    parts = batch.column("rewards", "reseek")
    gained = reseek(parts[:, 0], parts[:, -1], (parts != 0).any(axis=1), weight=weight)
    return batch.with_columns(reward=batch.reward + gained)
