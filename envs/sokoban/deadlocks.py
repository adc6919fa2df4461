"""Boxes that can never move again.

A box cannot move along an axis if a wall or a frozen box stands on one side of it, or if both sides are dead
cells (pushing it there would lose anyway). It is frozen if it can move along neither axis. The largest set of
frozen boxes is found by assuming that all are and releasing those that can move until nothing changes. A
frozen box off its target makes the position unsolvable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.compiled import compiled
from envs.sokoban.floor import Floor

__all__ = ["FROZEN", "freezes"]

FROZEN = 2  # what the scratch board holds for a box still thought to be frozen; 1 is a box or wall, 0 is free


@compiled
def _free_along(floor: Floor, state: NDArray[np.uint8], cell: int, axis: int, solid: int) -> bool:
    """Whether a box can move along an axis (0 vertical, 1 horizontal); `solid` and more is in the way."""
    one, two = floor.neighbour[cell, 2 * axis], floor.neighbour[cell, 2 * axis + 1]
    wall = len(floor.neighbour) - 1
    if one == wall or two == wall or state[one] >= solid or state[two] >= solid:
        return False
    return not (floor.dead[one] and floor.dead[two])


@compiled
def freezes(floor: Floor, state: NDArray[np.uint8], boxes: NDArray[np.int32], pushed: int) -> bool:
    """Whether the push that has just put a box on `pushed` froze a box off its target.

    Args:
        floor: The floor.
        state: Shape (n + 1,), uint8: 1 on boxes and at n, else 0. Restored on return.
        boxes: Cells of all boxes, shape (B,), after the push.
        pushed: Cell of the box that moved.
    """
    if _free_along(floor, state, pushed, 0, 1) or _free_along(floor, state, pushed, 1, 1):
        return False
    for box in boxes:
        state[box] = FROZEN
    released = True
    while released:
        released = False
        for box in boxes:
            if state[box] == FROZEN and (
                _free_along(floor, state, box, 0, FROZEN) or _free_along(floor, state, box, 1, FROZEN)
            ):
                state[box] = 1
                released = True
    lost = False
    for box in boxes:
        lost |= state[box] == FROZEN and not floor.is_target[box]
        state[box] = 1
    return lost
