"""Robust means over many tasks: the interquartile mean, and intervals that know tasks from repeats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ShapeError
from agentgym.evaluation.intervals import Estimate

__all__ = ["interquartile_mean", "stratified_bootstrap"]

FloatArray = NDArray[np.float64]


def interquartile_mean(scores: FloatArray) -> float:
    """Mean of the middle half of all scores.

    A quarter of the S scores (rounded down) is left out at either end.

    Args:
        scores: Any shape with at least one number, float64.

    Raises:
        ShapeError: There is no number, or one is NaN.

    References:
        Agarwal et al. 2021, rliable, https://arxiv.org/abs/2108.13264, section 4.3. Deviation from the paper:
        none.
    """
    values = np.sort(np.asarray(scores, np.float64), axis=None)
    if len(values) == 0 or np.isnan(values[-1]):
        raise ShapeError("An interquartile mean needs at least one score, and no NaN.")
    cut = len(values) // 4
    return float(values[cut : len(values) - cut].mean())


def stratified_bootstrap(
    scores: FloatArray, rng: np.random.Generator, *, draws: int = 2_000, level: float = 0.95
) -> Estimate:
    """Bound the interquartile mean over a fixed set of tasks: repeats are resampled within each task.

    Args:
        scores: Matrix of size (runs, tasks), float64.
        rng: Source of the resamples.
        draws: Number of resamples.
        level: Coverage in (0, 1).

    Returns:
        The interquartile mean, without bounds where there is one run: it does not show how runs differ.

    Raises:
        ShapeError: `scores` is no such matrix.

    References:
        Agarwal et al. 2021, rliable, https://arxiv.org/abs/2108.13264, section 4.1. Deviation from the paper:
        none.
    """
    if scores.ndim != 2 or scores.size == 0:
        raise ShapeError(f"The scores have shape {scores.shape}. Expected a matrix of size (runs, tasks).")
    value = interquartile_mean(scores)
    runs, tasks = scores.shape
    if runs == 1:
        return Estimate(value)
    columns = np.arange(tasks)
    found = [
        interquartile_mean(scores[rng.integers(runs, size=(runs, tasks)), columns]) for _ in range(draws)
    ]
    tail = (1 - level) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return Estimate(value, float(low), float(high))
