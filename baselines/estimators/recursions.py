"""Backward recursions over time, for episodes of any lengths in any interleaving.

Rows are sorted by segment once; the recursion then walks positions from the end, one vector operation for all
segments that are long enough: O(N log N) in all, and exact, for nothing is divided by gamma^t.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import FloatArray
from agentgym.errors import ShapeError

__all__ = ["backward_scan", "return_to_go", "segment_gae"]


def backward_scan(x: ArrayLike, decay: ArrayLike, segment: ArrayLike) -> FloatArray:
    """Solve y(t) = x(t) + decay(t) * y(t+1) within each segment, with y = 0 after its end.

    Args:
        x: Inputs, shape (N,), float64.
        decay: A number, or one for each row, shape (N,).
        segment: Segment of each row, shape (N,), int64; rows of a segment are in time order.

    Returns:
        y, shape (N,), float64.

    Raises:
        ShapeError: The lengths differ.
    """
    inputs, labels = np.asarray(x, np.float64), np.asarray(segment)
    if (
        inputs.ndim != 1
        or labels.shape != inputs.shape
        or (np.ndim(decay) and np.shape(decay) != inputs.shape)
    ):
        raise ShapeError(
            f"Inputs, decay and segments have shapes {inputs.shape}, {np.shape(decay)} and {labels.shape}. "
            "Expected one number for each row."
        )
    order = np.argsort(labels, kind="stable")
    y, factor = inputs[order], np.broadcast_to(np.asarray(decay, np.float64), inputs.shape)[order]
    last = np.flatnonzero(np.diff(labels[order], append=labels[order][-1:] + 1))
    length = np.diff(last, prepend=-1)
    longest = np.argsort(-length, kind="stable")
    last, length = last[longest], length[longest]
    reach = np.searchsorted(-length, -np.arange(length.max(initial=0)), side="left")
    for back in range(1, len(reach)):  # segments longer than `back` come first
        row = last[: reach[back]] - back
        y[row] += factor[row] * y[row + 1]
    result = np.empty_like(y)
    result[order] = y
    return result


def return_to_go(reward: ArrayLike, episode: ArrayLike, gamma: float) -> FloatArray:
    """Discounted reward from each step to the end of its episode.

    s(t) = r(t) + gamma * s(t+1).

    Args:
        reward: Shape (N,), float64.
        episode: Shape (N,), int64; rows of an episode are in time order.
        gamma: Discount between steps.
    """
    return backward_scan(reward, gamma, episode)


def segment_gae(
    reward: ArrayLike,
    value: ArrayLike,
    next_value: ArrayLike,
    not_done: ArrayLike,
    segment: ArrayLike,
    gamma: ArrayLike,
    lam: ArrayLike,
) -> FloatArray:
    """Generalised advantage estimation, restarted at each segment.

    delta(t) = r(t) + gamma * next_value(t) * not_done(t) - value(t);
    A(t) = delta(t) + gamma * lam * not_done(t) * A(t+1), and 0 after the segment's end.

    Args:
        reward: Shape (N,), float64.
        value: Value of each row's state, shape (N,).
        next_value: Value of the state after it, shape (N,).
        not_done: 0 where nothing follows, else 1, shape (N,).
        segment: Segment of each row, shape (N,), int64; rows of a segment are in time order.
        gamma: Discount, a number or shape (N,).
        lam: Trace, a number or shape (N,).

    References:
        Schulman et al. 2016, eq. 16, https://arxiv.org/abs/1506.02438. Deviation from the paper: none.
    """
    going = np.asarray(gamma, np.float64) * np.asarray(not_done, np.float64)
    delta = np.asarray(reward, np.float64) + going * np.asarray(next_value, np.float64) - np.asarray(value)
    return backward_scan(delta, going * np.asarray(lam, np.float64), segment)
