"""GRPO for pass@k: only the best episode of a group is credited, by its lead over the second."""

from __future__ import annotations

from typing import Literal

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray
from agentgym.errors import ArgumentError
from baselines.estimators.primitives import (
    Over,
    all_equal,
    bounded,
    choice,
    first_rows,
    group_stats,
    scored_rows,
)
from baselines.estimators.registry import Advantages, register

__all__ = ["grpo_passk"]


@register(
    "grpo_passk",
    paper="Optimizing Language Models for Inference Time Objectives using Reinforcement Learning",
    arxiv="2503.19595",
    needs=("outcome",),
    level="episode",
)
def grpo_passk(
    batch: StepBatch,
    *,
    norm: Literal["mean_std", "mean"] = "mean_std",
    over: Over = "episodes",
    eps: float = 1e-6,
) -> Advantages:
    """Credit the best episode of each group with its lead over the second best, the others with 0.

    A = (x - x_second) / (std_g x + eps) on the steps of the best episode; where two are best, all get 0.

    Args:
        batch: N steps.
        norm: "mean_std", or "mean" (no division).
        over: The deviation is over one outcome per episode (its first step's), or over every step. The best
            and the second are episodes in both.
        eps: Added to the deviation.

    Returns:
        Advantages of shape (N,).

    Raises:
        ArgumentError: A group has one episode, or a keyword has no known value.

    References:
        Tang et al. 2025, https://arxiv.org/abs/2503.19595. Deviation from released code (verl): every step of
        the best episode is credited, where it credits the episode's first row only.
    """
    choice("norm", norm, Literal["mean_std", "mean"])
    group, first = bounded(batch.group), first_rows(batch.episode)
    stats = group_stats(batch.outcome, group, scored_rows(batch, over))
    leader, second = _two_best(batch, group, first)
    scale = 1.0 if norm == "mean" else stats.std + eps
    return Advantages(np.where(leader, (batch.outcome - second) / scale, 0.0))


def _two_best(batch: StepBatch, group: IntArray, first: BoolArray) -> tuple[BoolArray, FloatArray]:
    """Rows of each group's sole best episode, and the second best outcome of each row's group."""
    rows = np.flatnonzero(first)
    rows = rows[np.lexsort((batch.outcome[rows], group[rows]))]
    end = np.flatnonzero(np.append(group[rows[1:]] != group[rows[:-1]], True))
    size = np.diff(end, prepend=-1)
    if (size < 2).any():
        alone = batch.group[rows[end[np.argmax(size < 2)]]]
        raise ArgumentError(
            f"grpo_passk compares the two best episodes of a group, and group {alone} has one. "
            "Sample at least two episodes of each task."
        )
    best, runner_up = rows[end], rows[end - 1]
    ahead = ~all_equal(batch.outcome[runner_up], batch.outcome[best])
    second = np.zeros(int(group.max()) + 1)
    second[group[best]] = batch.outcome[runner_up]
    return np.isin(batch.episode, batch.episode[best[ahead]]), second[group]
