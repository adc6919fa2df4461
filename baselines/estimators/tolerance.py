"""When two values count as equal: the rule that keeps rounding noise out of the results."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import FloatArray

__all__ = ["TOLERANCE", "all_equal", "deviation"]

TOLERANCE = 1e-9
"""Relative difference, with a scale of at least 1, below which two values count as equal."""


def all_equal(low: ArrayLike, high: ArrayLike) -> Any:
    """Whether values between `low` and `high` count as one value: a bool, or one for each pair."""
    span = np.asarray(high, np.float64) - np.asarray(low, np.float64)
    return span <= TOLERANCE * np.maximum(1.0, np.abs(high))


def deviation(values: FloatArray, centre: FloatArray) -> FloatArray:
    """Subtract a centre; a difference that is noise is exactly 0."""
    result = values - centre
    result[np.abs(result) <= TOLERANCE * np.maximum(1.0, np.abs(values))] = 0.0
    return result
