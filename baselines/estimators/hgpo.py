"""HGPO: steps compared within groups of ever longer common history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray, IntArray
from agentgym.errors import ArgumentError
from baselines.estimators.grpo import grpo
from baselines.estimators.primitives import (
    TOLERANCE,
    Norm,
    Over,
    bounded,
    group_norm,
    pair,
    previous_rows,
    return_to_go,
)
from baselines.estimators.registry import Advantages, register

__all__ = ["hgpo"]

Term: TypeAlias = tuple[int, IntArray | slice, FloatArray]
"""History length, the rows that have an advantage for it, and these advantages."""


@register(
    "hgpo",
    paper="Hierarchy-of-Groups Policy Optimization for Long-Horizon Agentic Tasks",
    arxiv="2602.22817",
    needs=("state", "outcome"),
)
def hgpo(
    batch: StepBatch,
    *,
    gamma: float = 0.95,
    history: int = 2,
    alpha: float = 1.0,
    weight_offset: int = 0,
    base_group: bool = False,
    norm: Norm = "mean_std",
    over: Over = "episodes",
    ddof: int = 0,
    eps: float = 1e-6,
) -> Advantages:
    """Average a step's advantages among the group's steps that share its last 1, 2, ... states.

    A(t) = sum_k w_k A_k(t) / (sum_k w_k + 1e-6), w_k = (k + weight_offset)^alpha. For k = 1 to history + 1,
    A_k normalises the return-to-go s(t) = r(t) + gamma * s(t+1) over the steps of the group whose last k
    states, up to the current one, are the same; a step earlier than the k-th, or alone in its cell, has no
    A_k. A_0 is grpo's. An A_k that is 0 (to 1e-9) is left out of both sums; A is 0 where none is left.

    Args:
        batch: N steps.
        gamma: Discount between steps.
        history: Number of earlier states in the longest history.
        alpha: Exponent of the weights.
        weight_offset: 0 weighs lengths 1:2:3 (the paper, as we read it); 1 weighs them 2:3:4 (released).
        base_group: Whether A_0, the episode's advantage in its whole group, takes part.
        norm: "mean_std", "mean" or "none", for all terms.
        over: Statistics of A_0 over one outcome per episode, or over every step (released: "steps").
        ddof: Degrees of freedom of the deviations of A_1, A_2, ...; A_0 has 1.
        eps: Added to the deviations. Values that are all equal give exactly 0.

    Returns:
        Advantages of shape (N,).

    Raises:
        ArgumentError: `history` or `weight_offset` is negative, or a weight would be infinite.

    References:
        He et al. 2026, hierarchical groups and adaptive weights, https://arxiv.org/abs/2602.22817. Deviation
        from the paper: eps and the 1e-6 beside the weights (as released).
    """
    if history < 0 or weight_offset < 0:
        raise ArgumentError(
            f"`history` is {history} and `weight_offset` is {weight_offset}. Both must be at least 0."
        )
    if alpha < 0 and base_group and weight_offset == 0:
        raise ArgumentError(
            f"`alpha` is {alpha}: the base group would weigh 0^{alpha}, which is infinite. "
            "Pass weight_offset=1 or an alpha of at least 0."
        )
    terms: list[Term] = []
    if base_group:
        terms.append((0, slice(None), grpo(batch, norm=norm, over=over, eps=eps).step))
    returns = return_to_go(batch.reward, batch.episode, gamma)
    for length, (rows, cell) in enumerate(_cells(batch, history + 1), start=1):
        compared = group_norm(returns[rows], cell, norm, ddof=ddof, eps=eps, single="zero")
        terms.append((length, rows, compared))
    return Advantages(_average(terms, len(batch), alpha, weight_offset))


def _average(terms: list[Term], steps: int, alpha: float, weight_offset: int) -> FloatArray:
    total, weights = np.zeros(steps), np.full(steps, 1e-6)
    for length, rows, term in terms:
        weight = np.where(np.abs(term) > TOLERANCE, float(length + weight_offset) ** alpha, 0.0)
        total[rows] += weight * term
        weights[rows] += weight
    average: FloatArray = total / weights
    return average


def _cells(batch: StepBatch, longest: int) -> Iterator[tuple[IntArray, IntArray]]:
    """For each history length: the rows that share theirs with another row, and the labels of the cells.

    The label of a longer history is a pair: the label of the row before, and the state now. A row alone in
    its cell stays alone with any longer history and is dropped, so the work shrinks as histories grow.
    """
    state, previous = bounded(batch.state), previous_rows(batch.episode)
    rows = np.arange(len(batch))
    label = pair(bounded(batch.group), state)
    for length in range(1, longest + 1):
        if length > 1:
            known = np.full(len(batch), -1)
            known[rows] = label
            rows = rows[previous[rows] >= 0]
            before = known[previous[rows]]
            rows, before = rows[before >= 0], before[before >= 0]
            label = pair(before, state[rows])
        shared = np.bincount(label)[label] > 1
        rows, label = rows[shared], label[shared]
        if not rows.size:
            return
        yield rows, label
