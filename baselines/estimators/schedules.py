"""Weights that change over training."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError

__all__ = ["canon_mix", "epo_weight"]


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


def canon_mix(
    step: ArrayLike, *, steps: int = 150, cycles: int = 3, warmup: int = 30, highest: float = 0.6
) -> FloatArray:
    """CANON's share of the comparison between the halves, over a run: 1 - w, w a cosine with restarts.

    w rises linearly to `highest` over the warm-up, then falls to 0 along half a cosine, `cycles` times over
    the steps that are left.

    Args:
        step: Update from 0, a number or any shape.
        steps: Updates of the whole run.
        cycles: Restarts.
        warmup: Updates of the linear rise, below `steps`.
        highest: Greatest w.

    Returns:
        `mix` of the estimator, of the shape of `step`, float64.

    Raises:
        ArgumentError: `warmup` lies outside [0, steps), or `cycles` is below 1.

    References:
        Chen et al. 2025, CANON, https://arxiv.org/abs/2509.23962; shape and constants are those of the
        released code, known at three of its steps.
    """
    if not 0 <= warmup < steps or cycles < 1:
        raise ArgumentError(
            f"`warmup` is {warmup}, `steps` {steps} and `cycles` {cycles}. Expected 0 <= warmup < steps and "
            "at least one cycle."
        )
    x = np.asarray(step, np.float64)
    place = (np.clip(x, warmup, steps) - warmup) / (steps - warmup) * cycles
    falling = 0.5 * (1.0 + np.cos(np.pi * (place % 1.0)))
    rising = (x + 1.0) / max(warmup, 1)
    return 1.0 - highest * np.where(x < warmup, rising, np.where(x >= steps, 0.0, falling))
