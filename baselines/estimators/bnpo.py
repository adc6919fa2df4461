"""BNPO: outcomes in [0, 1] normalised by a Beta distribution of the groups' success rates."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError
from baselines.estimators.primitives import bounded, choice, deviation, first_rows, group_stats
from baselines.estimators.registry import Advantages, register

__all__ = ["bnpo", "check_rates"]

Score: TypeAlias = Literal["outcome", "rewards"]


@register(
    "bnpo",
    paper="BNPO: Beta Normalization Policy Optimization",
    arxiv="2506.02864",
    needs=("outcome",),
    level="episode",
)
def bnpo(batch: StepBatch, *, weight_max: float = 1e6, ddof: int = 1, score: Score = "outcome") -> Advantages:
    """Centre each outcome on its group's rate, and weigh it by how unusual the rate is in the batch.

    p_g is the group's mean; m, v mean and variance of p over the groups; c = m (1 - m) / v - 1,
    a = max(1, 1 + c m / 3), b = max(1, 1 + c (1 - m) / 3); A = min(1 / BetaPDF(p_g; a, b), weight_max) *
    (x - p_g). One group: m = 0, v = 1. v = 0: weight 1.

    Args:
        batch: N steps; outcomes in [0, 1].
        weight_max: Greatest weight.
        ddof: Degrees of freedom of v.
        score: The `outcome`, or each column of `rewards`, whose advantages are averaged.

    Returns:
        Advantages of shape (N,). The rate of a group of one episode is 0.

    Raises:
        ArgumentError: A score lies outside [0, 1], or the choice is unknown.
        MissingColumnError: score="rewards" without the column.

    References:
        Xiao et al. 2025, https://arxiv.org/abs/2506.02864. Deviation from the paper: groups of one as
        released. Deviation from released code: v = 0 gives weight 1, where it gives NaN.
    """
    choice("score", score, Score)
    if score == "rewards":
        parts = batch.column("rewards", "bnpo with score='rewards'").T
        return Advantages(np.mean([_scored(part, batch, weight_max, ddof) for part in parts], axis=0))
    return Advantages(_scored(batch.outcome, batch, weight_max, ddof))


def check_rates(name: str, values: FloatArray, method: str) -> None:
    """Check that scores lie in [0, 1].

    Raises:
        ArgumentError: One does not.
    """
    if values.min() < 0 or values.max() > 1:
        raise ArgumentError(
            f"Column {name!r} goes from {values.min()} to {values.max()}. {method} needs scores in [0, 1]: "
            'use outcome="score" or "success" when the batch is made.'
        )


def _scored(x: FloatArray, batch: StepBatch, weight_max: float, ddof: int) -> FloatArray:
    check_rates("outcome", x, "bnpo")
    n, mean, _ = group_stats(x, batch.group, first_rows(batch.episode))
    rate = np.where(n > 1, mean, 0.0)
    label = bounded(batch.group)
    row = np.unique(label, return_index=True)[1]
    weight = _weight(rate, rate[row], weight_max, ddof)
    return weight * deviation(x, rate)


def _weight(rate: FloatArray, rates: FloatArray, weight_max: float, ddof: int) -> FloatArray:
    """1 / BetaPDF of a rate, under the Beta fitted to the groups' rates (G,), by moments and flattened."""
    single = len(rates) == 1
    mean, variance = (0.0, 1.0) if single else (float(rates.mean()), float(rates.var(ddof=ddof)))
    if variance <= 1e-12:
        return np.ones_like(rate)
    spread = mean * (1.0 - mean) / variance - 1.0
    a, b = max(1.0, 1.0 + spread * mean / 3.0), max(1.0, 1.0 + spread * (1.0 - mean) / 3.0)
    log_norm = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    density = rate ** (a - 1.0) * (1.0 - rate) ** (b - 1.0)
    least = math.exp(-math.log(weight_max) + log_norm) if weight_max < math.inf else 0.0
    return math.exp(log_norm) / np.maximum(density, least)
