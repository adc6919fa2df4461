"""The tree of a group: steps that were reached by equal histories are one node."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agentgym.batch import StepBatch

__all__ = ["Tree", "prefix_tree"]


class Tree(NamedTuple):
    """A tree batch and the way back to the steps it was made of.

    Attributes:
        batch: One row for each of K nodes, with `parent`.
        node: Node of each of the N steps, shape (N,).
    """

    batch: StepBatch
    node: NDArray[np.int64]


def prefix_tree(batch: StepBatch) -> Tree:
    """Merge the steps of a group that have equal (state, action) histories, themselves included.

    No branching is needed: episodes of a group start alike, so that their equal beginnings coincide.

    Args:
        batch: N steps; the rows of an episode are in time order.
    """
    numbers: dict[tuple[object, ...], int] = {}
    last: dict[int, int] = {}  # of each episode, the node reached
    node = np.empty(len(batch), np.int64)
    columns = (batch.episode, batch.group, batch.state, batch.action)
    for row, (episode, *step) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        history = (last.get(episode, -1), *step)
        node[row] = last[episode] = numbers.setdefault(history, len(numbers))
    return Tree(*batch.merged(node))
