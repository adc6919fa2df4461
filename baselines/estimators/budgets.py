"""How many episodes a task deserves."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import FloatArray, IntArray
from agentgym.errors import ArgumentError

__all__ = ["aepo_budget", "knapsack_allocation", "knapsack_value", "topk_entropy"]


def topk_entropy(logprobs: ArrayLike, vocabulary: int) -> FloatArray:
    """Entropy of what is known of a distribution: H = -sum p log p over the most likely tokens' records.

    Args:
        logprobs: Recorded log-probabilities of one or several positions, any shape.
        vocabulary: Size of the vocabulary, at least 2.

    Returns:
        H in nats, and H / log(vocabulary), shape (2,).

    References:
        Dong et al. 2025, ARPO, https://arxiv.org/abs/2507.19849. Deviation from the paper: none; several
        positions are one sum, as in the released code.
    """
    known = np.asarray(logprobs, np.float64)
    entropy = -float(np.sum(np.exp(known) * known))
    return np.array([entropy, entropy / np.log(vocabulary)])


def aepo_budget(cases: Sequence[Sequence[float]], beta: float = 0.5) -> IntArray:
    """Count the episodes that begin at the start: many where the start is the uncertain part.

    clamp(floor(k * sigmoid(beta * (H_root - H_tool))) + 1, 1, k).

    Args:
        cases: H_root, H_tool and k of each of N tasks, shape (N, 3).
        beta: Sharpness.

    Returns:
        Shape (N,), int64.

    References:
        Dong et al. 2025, AEPO, https://arxiv.org/abs/2510.14545. Deviation from the paper: none known.
    """
    root, tool, most = np.asarray(cases, np.float64).T
    share = 1.0 / (1.0 + np.exp(-beta * (root - tool)))
    count: IntArray = np.clip(np.floor(most * share) + 1, 1, most).astype(np.int64)
    return count


def knapsack_value(n: ArrayLike, p: ArrayLike) -> FloatArray:
    """Worth of n episodes of a task that succeeds with probability p.

    (1 - p^n - (1-p)^n) * p * (1-p)^2: the chance of a mixed group, times what it teaches.

    Args:
        n: Numbers of episodes, shape (A,).
        p: Success rates in [0, 1], shape (B,).

    Returns:
        Shape (A, B).

    References:
        Knapsack RL, https://arxiv.org/abs/2509.25849. Our reading, not checked against released code.
    """
    episodes, rate = np.atleast_1d(n).astype(np.float64)[:, None], np.atleast_1d(p).astype(np.float64)
    return (1.0 - rate**episodes - (1.0 - rate) ** episodes) * rate * (1.0 - rate) ** 2


def knapsack_allocation(p: ArrayLike, budget: int, *, least: int = 2) -> IntArray:
    """Share out episodes over tasks so that the sum of `knapsack_value` is as large as it can be.

    The value is concave in n, so that giving one episode at a time where it adds most is exact. Equal gains
    go to the task with the fewest episodes, then to the first.

    Args:
        p: Success rates of N tasks, shape (N,).
        budget: Number of episodes in all.
        least: Episodes that every task gets.

    Returns:
        Episodes of each task, shape (N,), int64; they sum to `budget`.

    Raises:
        ArgumentError: `budget` is less than `least` for each task, or `least` is not positive.
    """
    rate = np.atleast_1d(p).astype(np.float64)
    if least < 1 or budget < least * len(rate):
        raise ArgumentError(
            f"`budget` is {budget} and `least` {least}, which must be at least 1, for {len(rate)} tasks. "
            f"Pass a budget of at least {max(least, 1) * len(rate)}."
        )
    count = np.full(len(rate), least, np.int64)
    waiting = [(-_gain(least, q), least, task) for task, q in enumerate(rate)]
    heapq.heapify(waiting)
    for _ in range(budget - least * len(rate)):
        _, has, task = waiting[0]
        count[task] = has + 1
        heapq.heapreplace(waiting, (-_gain(has + 1, rate[task]), has + 1, task))
    return count


def _gain(n: int, p: float) -> float:
    """What one more episode adds to the value of n, for n of at least 1."""
    return float((p**n * (1.0 - p) + (1.0 - p) ** n * p) * p * (1.0 - p) ** 2)
