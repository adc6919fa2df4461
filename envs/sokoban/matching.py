"""A lower bound on the pushes left: the cheapest way to give every box a target of its own.

The Hungarian method with potentials. Boxes and targets are padded to a square problem (a missing box costs
nothing anywhere), so that after one box has moved a single augmentation repairs the assignment instead of
solving it again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.compiled import compiled

__all__ = ["Matching", "assign_all", "new_matching", "reassign"]


class Matching(NamedTuple):
    """An assignment of G rows (boxes) to G columns (targets); column 0 is the free row's."""

    slots: NDArray[np.int32]  # (G,): the slot of each row, i.e. its row in the distance table
    row_price: NDArray[np.int32]  # (G,)
    column_price: NDArray[np.int32]  # (G + 1,)
    row_of: NDArray[np.int32]  # (G + 1,): row assigned to a column, -1 for none
    slack: NDArray[np.int32]  # (G + 1,)
    came_from: NDArray[np.int32]  # (G + 1,)
    settled: NDArray[np.bool_]  # (G + 1,)


@compiled
def new_matching(size: int) -> Matching:
    """Make an empty assignment of `size` rows and columns."""
    return Matching(
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.zeros(size + 1, np.int32),
        np.full(size + 1, -1, np.int32),
        np.zeros(size + 1, np.int32),
        np.zeros(size + 1, np.int32),
        np.zeros(size + 1, np.bool_),
    )


@compiled
def _augment(distance: NDArray[np.int32], m: Matching, row: int) -> None:
    """Assign one more row by the shortest alternating path."""
    size = len(m.slots)
    m.row_of[0] = row
    m.slack[:] = 1 << 29
    m.settled[:] = False
    column = 0
    while True:
        m.settled[column] = True
        here = m.row_of[column]
        costs = distance[m.slots[here]]
        step, best = 1 << 30, 0
        for j in range(1, size + 1):
            if not m.settled[j]:
                reduced = costs[j - 1] - m.row_price[here] - m.column_price[j]
                if reduced < m.slack[j]:
                    m.slack[j] = reduced
                    m.came_from[j] = column
                if m.slack[j] < step:
                    step, best = m.slack[j], j
        for j in range(size + 1):
            if m.settled[j]:
                m.row_price[m.row_of[j]] += step
                m.column_price[j] -= step
            else:
                m.slack[j] -= step
        column = best
        if m.row_of[column] < 0:
            break
    while column != 0:
        m.row_of[column] = m.row_of[m.came_from[column]]
        column = m.came_from[column]


@compiled
def _cost(distance: NDArray[np.int32], m: Matching) -> int:
    """Add up the assigned distances."""
    total = 0
    for column in range(1, len(m.row_of)):
        total += distance[m.slots[m.row_of[column]], column - 1]
    return total


@compiled
def assign_all(distance: NDArray[np.int32], m: Matching) -> int:
    """Assign all rows of `m.slots` from nothing and return the cost, `FAR` or more if there is no way."""
    m.row_price[:] = 0
    m.column_price[:] = 0
    m.row_of[:] = -1
    for row in range(len(m.slots)):
        _augment(distance, m, row)
    return _cost(distance, m)


@compiled
def reassign(distance: NDArray[np.int32], solved: Matching, m: Matching, row: int, slot: int) -> int:
    """Return the cost after one row of an assignment has moved to another slot.

    Args:
        distance: Shape (4n + 1, G).
        solved: The assignment before the move; left alone.
        m: Overwritten with the assignment after the move.
        row: The box that moved.
        slot: Where it is now.
    """
    m.slots[:] = solved.slots
    m.row_price[:] = solved.row_price
    m.column_price[:] = solved.column_price
    m.row_of[:] = solved.row_of
    m.slots[row] = slot
    price = 1 << 30
    for column in range(1, len(m.row_of)):
        if m.row_of[column] == row:
            m.row_of[column] = -1
        price = min(price, distance[slot, column - 1] - m.column_price[column])
    m.row_price[row] = price
    _augment(distance, m, row)
    return _cost(distance, m)
