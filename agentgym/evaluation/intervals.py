"""Intervals: Wilson for proportions, the percentile bootstrap for means, a sign-flip test for pairs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError, ShapeError

__all__ = ["Estimate", "bootstrap_mean", "bootstrap_ratio", "sign_flip_p", "wilson"]

FloatArray = NDArray[np.float64]

_CELLS = 1 << 21  # numbers drawn at once: bounds the memory at some 16 MB
_EXHAUSTIVE = 12  # up to this many pairs all sign patterns are tried


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval.

    Attributes:
        value: The number.
        low: Lower end; None where the sample is too small to bound it (one unit, or no action at all).
        high: Upper end; None likewise.
    """

    value: float
    low: float | None = None
    high: float | None = None


def wilson(successes: float, n: int, *, level: float = 0.95) -> Estimate:
    """Bound a proportion by Wilson's score interval.

    (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n) with p = successes / n.

    Args:
        successes: Number of successes in [0, n]. A sum of values in [0, 1] may stand for it: of all variables
            with a given mean in [0, 1], the binary one varies most, so the interval is then too wide, never
            too narrow.
        n: Number of independent trials, at least 1.
        level: Coverage in (0, 1).

    Raises:
        ArgumentError: A number is out of its range.

    References:
        Wilson 1927, J. Am. Stat. Assoc. 22, 209-212. Deviation from the paper: fractional successes are
        allowed.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ArgumentError(
            f"{successes} successes in {n} trials make no proportion. Pass 0 <= successes <= n, n >= 1."
        )
    p, z = successes / n, _quantile(level)
    scale = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale
    return Estimate(p, min(p, max(0.0, centre - half)), max(p, min(1.0, centre + half)))


def bootstrap_mean(
    values: FloatArray, rng: np.random.Generator, *, draws: int = 10_000, level: float = 0.95
) -> Estimate:
    """Bound the mean of independent values by the percentile bootstrap.

    Args:
        values: Shape (U,), float64, U >= 1.
        rng: Source of the resamples.
        draws: Number of resamples.
        level: Coverage in (0, 1).

    Raises:
        ShapeError: `values` is empty or not of one axis.
    """
    return bootstrap_ratio(values, np.ones_like(values), rng, draws=draws, level=level)


def bootstrap_ratio(
    numerator: FloatArray,
    denominator: FloatArray,
    rng: np.random.Generator,
    *,
    draws: int = 10_000,
    level: float = 0.95,
) -> Estimate:
    """Bound sum(numerator) / sum(denominator) by the percentile bootstrap over units.

    Args:
        numerator: Shape (U,), float64: the sum of each unit, e.g. of all episodes of one task.
        denominator: Shape (U,), float64, not negative: the count of each unit.
        rng: Source of the resamples.
        draws: Number of resamples.
        level: Coverage in (0, 1).

    Returns:
        The ratio, without bounds where there is one unit; 0 without bounds where the denominators are all 0.

    Raises:
        ShapeError: The arrays are empty, not of one axis, or of different lengths.

    References:
        Efron 1979, Ann. Statist. 7, 1-26. Deviation from the paper: resamples whose denominator is 0 are left
        out.
    """
    if numerator.ndim != 1 or numerator.shape != denominator.shape or len(numerator) == 0:
        raise ShapeError(
            f"The shapes {numerator.shape} and {denominator.shape} must be one and the same (U,), U > 0."
        )
    total = float(denominator.sum())
    if total == 0:
        return Estimate(0.0)
    value = float(numerator.sum()) / total
    if len(numerator) == 1:
        return Estimate(value)
    resamples = np.concatenate(list(_resample(numerator, denominator, rng, draws)))
    tail = (1 - level) / 2
    low, high = np.quantile(resamples, [tail, 1 - tail])
    return Estimate(value, float(low), float(high))


def sign_flip_p(differences: FloatArray, rng: np.random.Generator, *, draws: int = 10_000) -> float:
    """Test whether paired differences are centred at 0: the two-sided sign-flip test of the mean.

    For differences in {-1, 0, 1} it is McNemar's exact test.

    Args:
        differences: One difference for each unit, shape (U,), float64.
        rng: Source of the sign patterns; unused up to 12 differences that are not 0, where all are tried.
        draws: Number of sign patterns drawn otherwise.

    Returns:
        The p-value, in (0, 1].

    References:
        Fisher 1935, The Design of Experiments, section 21. Deviation from the text: Monte Carlo beyond 12
        pairs, with the observed pattern counted among those drawn.
    """
    moved = differences[differences != 0]
    if len(moved) == 0:
        return 1.0
    bar = abs(float(moved.sum())) - 1e-9
    if len(moved) <= _EXHAUSTIVE:
        patterns = (np.arange(1 << len(moved))[:, None] >> np.arange(len(moved))) & 1
        return float(np.mean(np.abs((2 * patterns - 1) @ moved) >= bar))
    beyond = 0
    for count in _chunks(draws, len(moved)):
        signs = 2 * rng.integers(0, 2, size=(count, len(moved)), dtype=np.int8) - 1
        beyond += int(np.sum(np.abs(signs @ moved) >= bar))
    return (beyond + 1) / (draws + 1)


def _quantile(level: float) -> float:
    if not 0 < level < 1:
        raise ArgumentError(f"`level` is {level}. It must lie between 0 and 1, e.g. 0.95.")
    return NormalDist().inv_cdf((1 + level) / 2)


def _chunks(draws: int, width: int) -> Iterator[int]:
    most = max(1, _CELLS // width)
    while draws > 0:
        yield min(most, draws)
        draws -= most


def _resample(
    numerator: FloatArray, denominator: FloatArray, rng: np.random.Generator, draws: int
) -> Iterator[FloatArray]:
    units = len(numerator)
    for count in _chunks(draws, units):
        pick = rng.integers(units, size=(count, units), dtype=np.int32)
        below = denominator[pick].sum(axis=1)
        yield numerator[pick].sum(axis=1)[below > 0] / below[below > 0]
