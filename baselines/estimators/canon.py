"""CANON: the half of a group with the greater metric is compared with the other half, and within itself."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray, IntArray
from baselines.estimators.episodes import episode_length, episode_total
from baselines.estimators.primitives import bounded, choice, first_rows, token_sum
from baselines.estimators.registry import Advantages, register

__all__ = ["canon"]

Metric: TypeAlias = Literal["length", "entropy"]


@register(
    "canon",
    paper="Conditional Advantage Estimation for Reinforcement Learning in Large Reasoning Models",
    arxiv="2509.23962",
    needs=("outcome", "token_offsets"),
    level="episode",
)
def canon(
    batch: StepBatch,
    *,
    metric: Metric = "length",
    mix: float = 0.5,
    alpha: float = 1.0,
    beta: float = 0.0,
    scale: float = 1.0,
) -> Advantages:
    """Blend the lead over the other half of the group with the lead over the own half.

    A group is sorted by the metric (stable): the first n // 2 episodes are low, the rest high, with mean
    scores m_l and m_h. length: A_high = mix * (alpha x - m_l + beta) + (1 - mix) * (x - m_h),
    A_low = mix * (x - alpha m_h - beta) + (1 - mix) * (x - m_l). entropy: alpha moves to m_l in A_high and to
    x in A_low. All times `scale`. `canon_mix` in
    `schedules` gives `mix` over a run.

    Args:
        batch: N steps with T response tokens.
        metric: "length", the episode's tokens, or "entropy", the mean over them (needs `entropy`).
        mix: Weight of the comparison between the halves, in [0, 1].
        alpha: Below 1 favours one half: the short or, with "entropy", the high one.
        beta: Offset between the halves.
        scale: Factor of the whole (released: 1 / 8192).

    Returns:
        Advantages of shape (N,). A group of one keeps its score: both means are 0.

    Raises:
        ArgumentError: The choice is unknown.
        MissingColumnError: "entropy" without the column.

    References:
        Chen et al. 2025, https://arxiv.org/abs/2509.23962. Deviation from the paper: none known. Equal
        metrics keep the order of the batch.
    """
    choice("metric", metric, Metric)
    length = episode_length(batch)
    if metric == "entropy":
        entropy = batch.column("entropy", "canon with metric='entropy'")
        value = episode_total(token_sum(entropy, batch), batch) / np.maximum(length, 1.0)
    else:
        value = length
    x, (high, low_mean, high_mean) = batch.outcome, _halves(value, batch)
    own_low, other_low = (alpha, 1.0) if metric == "entropy" else (1.0, alpha)
    own_high, other_high = (1.0, alpha) if metric == "entropy" else (alpha, 1.0)
    above = mix * (own_high * x - other_high * low_mean + beta) + (1 - mix) * (x - high_mean)
    below = mix * (own_low * x - other_low * high_mean - beta) + (1 - mix) * (x - low_mean)
    return Advantages(scale * np.where(high > 0, above, below))


def _halves(value: FloatArray, batch: StepBatch) -> tuple[IntArray, FloatArray, FloatArray]:
    """Whether each row's episode is in the high half, and mean scores of its group's halves, each (N,)."""
    first = np.flatnonzero(first_rows(batch.episode))
    episode, group = bounded(batch.episode), bounded(batch.group)
    order = first[np.lexsort((value[first], group[first]))]  # stable: by group, then by value
    size = np.bincount(group[first], minlength=int(group.max()) + 1)
    start = np.cumsum(size) - size
    rank = np.arange(len(order)) - start[group[order]]
    upper = (rank >= size[group[order]] // 2).astype(np.int64)
    half = np.zeros(int(episode.max()) + 1, np.int64)
    half[episode[order]] = upper
    cell = 2 * group[order] + upper
    count = np.bincount(cell, minlength=2 * len(size))
    mean = np.bincount(cell, batch.outcome[order], 2 * len(size)) / np.maximum(count, 1)
    mean[np.repeat(size == 1, 2)] = 0.0
    return half[episode], mean[2 * group], mean[2 * group + 1]
