"""SALT: steps that several episodes share get the mean of their advantages."""

from __future__ import annotations

from typing import Any

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import IntArray
from agentgym.errors import ArgumentError
from baselines.estimators.primitives import bounded, group_stats, pair, previous_rows
from baselines.estimators.registry import Advantages, advantages, register

__all__ = ["salt"]


@register(
    "salt",
    paper="SALT: Step-level Advantage Assignment for Long-horizon Agents via Trajectory Graph",
    arxiv="2510.20022",
    needs=("state", "action", "outcome"),
    reference=False,
)
def salt(batch: StepBatch, *, base: str = "grpo", history: int = 0, **keywords: Any) -> Advantages:
    """Give each edge of the group's graph the mean advantage of the steps that run along it.

    An edge is (state, action, next state) within a group, the next state of an episode's last step being its
    end; with `history` h also the h states before must agree. A(t) = mean of the base's advantages over the
    steps on t's edge; a step alone on its edge keeps its own.

    Args:
        batch: N steps.
        base: Method whose advantages are averaged. Its columns are needed too.
        history: Number of earlier states that must agree.
        keywords: Passed to the base.

    Returns:
        Advantages of shape (N,).

    Raises:
        ArgumentError: `history` is negative.
        UnknownNameError: There is no such base or keyword of it.

    References:
        Li et al. 2025, https://arxiv.org/abs/2510.20022. Our reading of the abstract; the key of an edge and
        `history` are guesses. Deviation from the paper: unknown.
    """
    if history < 0:
        raise ArgumentError(f"`history` is {history}. It must be at least 0.")
    own = advantages(base, batch, **keywords).step
    return Advantages(group_stats(own, _edges(batch, history)).mean)


def _edges(batch: StepBatch, history: int) -> IntArray:
    state, previous = bounded(batch.state), previous_rows(batch.episode)
    follows = np.flatnonzero(previous >= 0)
    after = np.zeros(len(batch), np.int64)  # 0 stands for no state: before the first step and after the last
    after[previous[follows]] = state[follows] + 1
    edge = pair(pair(pair(bounded(batch.group), state), bounded(batch.action)), after)
    earlier = previous
    for _ in range(history):
        if (earlier < 0).all():
            break
        edge = pair(edge, np.where(earlier >= 0, state[earlier] + 1, 0))
        earlier = np.where(earlier >= 0, previous[earlier], -1)
    return edge
