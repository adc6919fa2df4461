"""Targets in a room, compiled: where they may be, and how far every cell is from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.chance import Chance, below
from envs.sokoban.compiled import compiled
from envs.sokoban.rules import BOX, TARGET, WALL, Board, offset

__all__ = ["place_targets", "target_distance"]

Cells = NDArray[np.int64]


@compiled
def place_targets(cells: Board, width: int, boxes: int, chance: Chance, queue: Cells) -> bool:
    """Put a target with a box on it on distinct random cells from which a box can be pulled away.

    Returns:
        False where the room has too few such cells; the board is then left without some of the targets.
    """
    count = 0
    for cell in range(cells.size):
        for direction in range(4):
            delta = offset(direction, width)
            if not (cells[cell] | cells[cell + delta]) & WALL and not cells[cell + 2 * delta] & WALL:
                queue[count] = cell
                count += 1
                break
    if count < boxes:
        return False
    for k in range(boxes):
        other = k + below(chance, count - k)
        queue[k], queue[other] = queue[other], queue[k]
        cells[queue[k]] = TARGET | BOX
    return True


@compiled
def target_distance(cells: Board, width: int) -> Cells:
    """Least number of pushes from each cell to some target on an otherwise empty board.

    Returns:
        Shape (H * W,), int64; -1 where no box can come from.
    """
    distance = np.full(cells.size, -1, dtype=np.int64)
    queue = np.flatnonzero(cells & TARGET)
    distance[queue] = 0
    queue = np.concatenate((queue, np.empty(cells.size, dtype=np.int64)))
    head, tail = 0, np.count_nonzero(distance == 0)
    while head < tail:
        cell = queue[head]
        head += 1
        for direction in range(4):
            near = cell + offset(direction, width)
            if cells[near] & WALL or cells[2 * near - cell] & WALL or distance[near] >= 0:
                continue
            distance[near] = distance[cell] + 1
            queue[tail] = near
            tail += 1
    return distance
