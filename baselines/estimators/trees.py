"""Trees of steps: values from the leaves up. Array axes: N rows (nodes)."""

from __future__ import annotations

import numpy as np

from agentgym.columns import FloatArray, IntArray

__all__ = ["node_depth", "tree_values"]


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
    depth = node_depth(parent)
    order = np.argsort(depth, kind="stable")
    start = np.searchsorted(depth[order], np.arange(int(depth.max(initial=0)) + 2))
    for level in range(len(start) - 2, 0, -1):  # the deepest first; their parents' sums are then complete
        rows = order[start[level] : start[level + 1]]
        np.add.at(value, parent[rows], value[rows] / children[parent[rows]])
    return value
