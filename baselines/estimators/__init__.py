"""Credit assignment: from a batch of steps to advantages, one file per method (see docs/estimators.md)."""

from __future__ import annotations

from baselines.estimators.registry import (
    Advantages,
    Estimate,
    Estimator,
    Level,
    Method,
    advantages,
    make_estimator,
    method,
    names,
    register,
)

__all__ = [
    "Advantages",
    "Estimate",
    "Estimator",
    "Level",
    "Method",
    "advantages",
    "make_estimator",
    "method",
    "names",
    "register",
]
