"""Integer labels of rows, and where episodes begin, end and come from.

Labels that already are small integers are used as table indices; only others are sorted. The cost is linear
in the rows wherever a collector numbers its episodes and groups. Array axes: N rows (steps).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentgym.columns import BoolArray, IntArray, intern_labels
from agentgym.errors import ShapeError

__all__ = ["bounded", "codes", "first_rows", "last_rows", "pair", "previous_rows", "time_order"]


def bounded(key: ArrayLike) -> IntArray:
    """Number a column of labels with integers from 0 to below twice its length, in no particular order.

    Args:
        key: Labels, shape (N,), str or int.

    Returns:
        Shape (N,), int64: equal where the labels are equal.
    """
    labels = np.asarray(key)
    if labels.dtype.kind not in "iub":
        return intern_labels(labels)
    if labels.size == 0:
        return labels.astype(np.int64)
    low, high = int(labels.min()), int(labels.max())
    if high - low >= 2 * len(labels):
        return np.unique(labels, return_inverse=True)[1]
    return labels.astype(np.int64, copy=False) if low == 0 else labels.astype(np.int64) - low


def pair(one: IntArray, other: IntArray) -> IntArray:
    """Number pairs of labels that are 0 or more, in no particular order, as `bounded` does."""
    return bounded(one * (int(other.max(initial=0)) + 1) + other)


def codes(*keys: ArrayLike) -> IntArray:
    """Number tuples of keys, in order of first appearance.

    Args:
        keys: One or more columns of labels (str or int), each of shape (N,).

    Returns:
        Labels 0, 1, ..., shape (N,), int64: equal where all keys are equal.

    Raises:
        ShapeError: No key was given, or the keys differ in length.
    """
    if not keys:
        raise ShapeError("`codes` needs at least one column of keys.")
    columns = [bounded(key) for key in keys]
    if len({column.shape for column in columns}) > 1:
        raise ShapeError(
            f"The columns of keys have shapes {[column.shape for column in columns]}. Expected equal ones."
        )
    label = columns[0]
    for column in columns[1:]:
        label = pair(label, column)
    first = _first_of_label(label)
    rank = np.cumsum(_marked(first, len(label))) - 1
    return rank[first[label]]


def _first_of_label(label: IntArray) -> IntArray:
    first = np.full(int(label.max(initial=-1)) + 1, len(label))
    np.minimum.at(first, label, np.arange(len(label)))
    return first


def _marked(rows: NDArray[Any], length: int) -> BoolArray:
    mask = np.zeros(length, np.bool_)
    mask[rows[rows < length]] = True
    return mask


def first_rows(episode: ArrayLike) -> BoolArray:
    """Mark the first row of each episode, shape (N,)."""
    label = bounded(episode)
    return _marked(_first_of_label(label), len(label))


def last_rows(episode: ArrayLike) -> BoolArray:
    """Mark the last row of each episode, shape (N,)."""
    return first_rows(np.asarray(episode)[::-1])[::-1]


def time_order(episode: ArrayLike) -> IntArray | None:
    """Rows sorted by episode, in time order within each, shape (N,); None where they already are."""
    labels = np.asarray(episode)
    if (labels[1:] >= labels[:-1]).all():
        return None
    return np.argsort(labels, kind="stable")


def previous_rows(episode: ArrayLike) -> IntArray:
    """Row of the step before each step in its episode, -1 at the first, shape (N,)."""
    labels = np.asarray(episode)
    sorted_rows = time_order(labels)
    order = np.arange(len(labels)) if sorted_rows is None else sorted_rows
    previous = np.full(len(labels), -1)
    follows = labels[order[1:]] == labels[order[:-1]]
    previous[order[1:][follows]] = order[:-1][follows]
    return previous
