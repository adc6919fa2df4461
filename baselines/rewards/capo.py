"""CAPO (generative): steps that critiques find wrong are punished before episodes are compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ShapeError
from baselines.rewards.registry import register_rule

__all__ = ["capo"]


def capo(outcome: ArrayLike, wrong: ArrayLike, *, penalty: float = 0.5) -> FloatArray:
    """Take a penalty off the score of the steps that most critiques call wrong.

    Args:
        outcome: Score of the episode as seen at each step, shape (N,).
        wrong: What K critiques say of each step, shape (K, N), bool.
        penalty: What a step loses that more than half of them call wrong; our choice.

    Returns:
        Scores to be compared with grpo, shape (N,): a step's tokens share its penalty.

    Raises:
        ShapeError: The critiques are no matrix with a column for each step.

    References:
        Xie et al. 2025, https://arxiv.org/abs/2508.02298. Our reading of the abstract. Deviation from the
        paper: unknown.
    """
    score, marks = np.asarray(outcome, np.float64), np.asarray(wrong, np.bool_)
    if marks.ndim != 2 or marks.shape[1:] != score.shape:
        raise ShapeError(f"`wrong` has shape {marks.shape}. Expected (critiques, {score.size}).")
    return score - np.where(marks.mean(axis=0) > 0.5, penalty, 0.0)


@register_rule(
    "capo",
    paper="CAPO: Towards Enhancing LLM Reasoning through Generative Credit Assignment",
    arxiv="2508.02298",
    needs=("outcome", "rewards"),
    writes=("outcome",),
    reference=False,
)
def capo_rule(batch: StepBatch, *, penalty: float = 0.5) -> StepBatch:
    """Take the penalty off a step's outcome; `rewards[:, k]` is negative where critique k objects."""
    return batch.with_columns(
        outcome=capo(batch.outcome, batch.column("rewards", "capo").T < 0, penalty=penalty)
    )
