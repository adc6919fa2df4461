"""What information-gain methods share: which steps are turns, and their normalisation."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray
from baselines.estimators.primitives import Norm, choice, deviation, group_stats, last_rows

__all__ = ["Boundary", "Pool", "credited_turns", "soft_norm"]

Boundary: TypeAlias = Literal["steps", "nonzero"]
Pool: TypeAlias = Literal["turn_index", "group"]


def credited_turns(batch: StepBatch, boundary: Boundary) -> BoolArray:
    """Mark the steps that end a turn, shape (N,): all, or those with a reward other than 0.

    With "nonzero" an episode's last step is a turn too: its reward is the outcome.
    """
    choice("boundary", boundary, Boundary)
    if boundary == "steps":
        return np.ones(len(batch), np.bool_)
    paid: BoolArray = batch.reward != 0
    return paid | last_rows(batch.episode)


def soft_norm(x: ArrayLike, key: ArrayLike, norm: Norm, *, eps: float = 1e-6) -> FloatArray:
    """Normalise within groups as the information-gain codes do.

    mean_std: (x - mean_g) / (sqrt(var_g + 1e-8) + eps), var with n in the denominator; a group of one, and
    one whose values agree, get exactly 0.

    Args:
        x: Values, shape (N,), float64.
        key: Group of each row, shape (N,), str or int.
        norm: "mean_std", "mean" or "none".
        eps: Added outside the root.
    """
    choice("norm", norm, Norm)
    values = np.asarray(x, np.float64)
    if norm == "none":
        return values.copy()
    n, mean, std = group_stats(values, key, ddof=0)
    centred = np.where(n > 1, deviation(values, mean), 0.0)
    return centred if norm == "mean" else centred / (np.sqrt(std**2 + 1e-8) + eps)
