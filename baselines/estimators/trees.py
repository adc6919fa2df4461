"""Trees of steps: siblings, leaves, and values from the leaves up. Array axes: N rows (nodes)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from agentgym.columns import BoolArray, FloatArray, IntArray
from baselines.estimators.labels import bounded

__all__ = ["leaf_count", "leaf_mean", "leaves", "node_depth", "segment_heads", "siblings", "tree_values"]


def leaves(parent: IntArray) -> BoolArray:
    """Mark the nodes without children, shape (N,)."""
    childless: BoolArray = np.bincount(parent[parent >= 0], minlength=len(parent)) == 0
    return childless


def siblings(parent: IntArray, group: IntArray) -> IntArray:
    """Number the children of one parent alike, and those of one group's start state, shape (N,)."""
    own = bounded(group)
    return bounded(np.where(parent >= 0, int(own.max(initial=0)) + 1 + parent, own))


def leaf_count(parent: IntArray) -> FloatArray:
    """Count the leaves below each node, a leaf itself among them, shape (N,), float64."""
    return _sums(parent, np.where(leaves(parent), 1.0, 0.0))


def leaf_mean(parent: IntArray, leaf_value: FloatArray) -> FloatArray:
    """Average over the leaves below each node; `leaf_value` (N,) is read at leaves. Shape (N,)."""
    return _sums(parent, np.where(leaves(parent), leaf_value, 0.0)) / leaf_count(parent)


def _sums(parent: IntArray, own: FloatArray) -> FloatArray:
    """Add to each node's value those of all nodes below it, shape (N,)."""
    total = own.copy()
    for rows in _levels(parent):
        np.add.at(total, parent[rows], total[rows])
    return total


def _levels(parent: IntArray) -> Iterator[IntArray]:
    """Yield the nodes that have a parent, level by level, the deepest first."""
    depth = node_depth(parent)
    order = np.argsort(depth, kind="stable")
    start = np.searchsorted(depth[order], np.arange(int(depth.max(initial=0)) + 2))
    for level in range(len(start) - 2, 0, -1):
        yield order[start[level] : start[level + 1]]


def node_depth(parent: IntArray) -> IntArray:
    """Count the nodes above each node, shape (N,): 0 where the parent is -1, the start state.

    Jumps double in length, so the cost is N log(depth).
    """
    above = np.append(parent, -1)  # row -1, the start state, is its own parent
    depth = np.append((parent >= 0).astype(np.int64), 0)
    while (above >= 0).any():
        depth += depth[above]
        above = above[above]
    return depth[:-1]


def segment_heads(parent: IntArray, only: BoolArray) -> IntArray:
    """Find the first node of each node's segment: the nearest one above it, or itself, with a sibling.

    Args:
        parent: Row of the parent, -1 at a child of the start state, shape (N,), without circles.
        only: Whether a node has no sibling, shape (N,). A child of the start state heads a segment anyway.

    Returns:
        Shape (N,). Jumps double in length, so the cost is N log(depth).
    """
    head = np.where(only & (parent >= 0), parent, np.arange(len(parent)))
    while (head[head] != head).any():
        head = head[head]
    return head


def tree_values(parent: IntArray, leaf_value: FloatArray) -> FloatArray:
    """Value of each node: a leaf's own, else the mean over its children.

    Args:
        parent: Row of the parent, -1 at a child of the start state, shape (N,), without circles.
        leaf_value: Read at leaves, shape (N,).

    Returns:
        Shape (N,), float64.
    """
    children = np.bincount(parent[parent >= 0], minlength=len(parent))
    value = np.where(children > 0, 0.0, leaf_value)
    for rows in _levels(parent):  # the deepest first; their parents' sums are then complete
        np.add.at(value, parent[rows], value[rows] / children[parent[rows]])
    return value
