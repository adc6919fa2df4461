"""Weights that change over training."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError

__all__ = ["epo_weight"]


def epo_weight(epoch: ArrayLike, epochs: int = 150) -> FloatArray:
    """Weight of EPO's entropy penalty at an epoch: it falls slowly, then fast.

    With half = epochs / 2: 1 - 0.2 * (1 - exp(-2 e / half)) for e <= half, else 0.8 * exp(-3 (e - half) /
    half). At the half it jumps from 0.827 to 0.8.

    Args:
        epoch: Epoch from 0, a number or any shape.
        epochs: Epochs of the whole training.

    Returns:
        Weights in (0, 1], of the shape of `epoch`, float64.

    Raises:
        ArgumentError: `epochs` is below 1.

    References:
        Xu et al. 2025, EPO, https://arxiv.org/abs/2509.22576. Deviation from the paper: the schedule is that
        of the released code.
    """
    if epochs < 1:
        raise ArgumentError(f"`epochs` is {epochs}. It must be at least 1.")
    x = np.asarray(epoch, np.float64) / (epochs / 2)
    early = 1.0 - 0.2 * (1.0 - np.exp(-2.0 * x))
    return np.where(x <= 1.0, early, 0.8 * np.exp(-3.0 * (x - 1.0)))
