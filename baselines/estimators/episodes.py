"""Sums over the steps of an episode, and its length in tokens. Array axes: N rows (steps)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from baselines.estimators.labels import bounded
from baselines.estimators.tokens import token_count

__all__ = ["episode_length", "episode_total"]


def episode_total(x: ArrayLike, batch: StepBatch) -> FloatArray:
    """Sum step values over each episode and give the sum to each of its rows, shape (N,)."""
    label = bounded(batch.episode)
    return np.bincount(label, np.asarray(x, np.float64))[label].astype(np.float64)


def episode_length(batch: StepBatch) -> FloatArray:
    """Count the trained tokens of each row's episode, shape (N,), float64."""
    return episode_total(token_count(batch), batch)
