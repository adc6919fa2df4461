"""Time within segments of any lengths in any interleaving: backward recursions, next rows, segment numbers.

Rows are sorted by segment once; a recursion then walks positions from the end, one vector operation for all
segments (of a block that the cache holds) that are long enough: O(N log N) in all, and exact, for nothing is
divided by gamma^t.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import BoolArray, FloatArray, IntArray
from agentgym.errors import ShapeError
from baselines.estimators.labels import time_order

__all__ = ["backward_scan", "following", "number_segments", "return_to_go", "segment_gae", "step_number"]

_BLOCK = 4096
"""Segments that are walked together: a few pages each, so that what one position loads serves the next."""


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
    factor = np.asarray(decay, np.float64)
    order = time_order(labels)
    segments = labels if order is None else labels[order]
    last = np.flatnonzero(np.append(segments[1:] != segments[:-1], True)[: len(segments)])
    length = np.diff(last, prepend=-1)
    result = np.empty_like(inputs)
    for start in range(0, len(last), _BLOCK):
        block = slice(start, start + _BLOCK)
        _scan_block(inputs, factor, order, last[block], length[block], result)
    return result


def _scan_block(
    x: FloatArray,
    decay: FloatArray,
    order: IntArray | None,
    last: IntArray,
    length: IntArray,
    result: FloatArray,
) -> None:
    """Solve the segments that end at `last` (positions in `order`), and write what comes out to `result`."""
    longest = np.argsort(-length, kind="stable")
    last, length = last[longest], length[longest]
    reach = np.searchsorted(-length, -np.arange(length[0]), side="left")
    after = np.zeros(len(last))
    for back, count in enumerate(reach.tolist()):  # segments longer than `back` come first
        row = last[:count] - back
        row = row if order is None else order[row]
        after = x[row] + (decay[row] if decay.ndim else decay) * after[:count]
        result[row] = after


def return_to_go(reward: ArrayLike, episode: ArrayLike, gamma: float) -> FloatArray:
    """Discounted reward from each step to the end of its episode.

    s(t) = r(t) + gamma * s(t+1).

    Args:
        reward: Shape (N,), float64.
        episode: Shape (N,), int64; rows of an episode are in time order.
        gamma: Discount between steps.
    """
    return backward_scan(reward, gamma, episode)


def following(x: ArrayLike, segment: ArrayLike, after: ArrayLike = 0.0) -> FloatArray:
    """Look at the next row of the same segment: x(t+1), and `after` at the segment's last row.

    Args:
        x: Shape (N,), float64.
        segment: Segment of each row, shape (N,), int64; rows of a segment are in time order.
        after: A number, or one for each row, shape (N,); read at last rows.
    """
    values, labels = np.asarray(x, np.float64), np.asarray(segment)
    result = np.array(np.broadcast_to(np.asarray(after, np.float64), values.shape))
    order = time_order(labels)
    order = np.arange(len(labels)) if order is None else order
    here, there = order[:-1], order[1:]
    same = labels[here] == labels[there]
    result[here[same]] = values[there[same]]
    return result


def number_segments(start: BoolArray, episode: IntArray) -> IntArray:
    """Number the segments into which starts cut the episodes: 0, 1, ..., shape (N,).

    Args:
        start: Whether a segment starts at the row, shape (N,), bool; true at each episode's first row.
        episode: Shape (N,), int64; rows of an episode are in time order.
    """
    order = np.argsort(episode, kind="stable")
    segment = np.empty(len(order), np.int64)
    segment[order] = np.cumsum(start[order]) - 1
    return segment


def step_number(episode: IntArray) -> IntArray:
    """Number the steps of each episode from 0, shape (N,)."""
    order = np.argsort(episode, kind="stable")
    start = np.append(True, np.diff(episode[order]) != 0)[: len(order)]
    place = np.arange(len(order))
    number = np.empty(len(order), np.int64)
    number[order] = place - np.maximum.accumulate(np.where(start, place, 0))
    return number


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
