"""Corrals: areas that boxes keep the player out of.

If every first push on the boxes around a corral (its fence) leads into the corral and can be made now, and
one of them must be made some day, then it may as well be made at once: all other pushes can wait (a
PI-corral). A corral whose fence allows no push at all is a deadlock.

References:
    PI-corral pruning is Brian Damgaard's, of the solver YASS. Deviation: areas that would spoil a corral are
    joined to it, and the first corral found is used, not the one with the fewest pushes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.compiled import compiled
from envs.sokoban.floor import Floor
from envs.sokoban.reach import Ground

__all__ = ["FENCE", "fence_off"]

OUTSIDE, INSIDE, FENCE = 0, 1, 2
_NONE, _GROWN = -1, -2


@compiled
def _enclose(floor: Floor, ground: Ground, role: NDArray[np.uint8], cell: int) -> None:
    """Add the unreachable area around `cell` to the corral and the boxes around it to the fence."""
    wall = len(floor.slot)
    role[cell] = INSIDE
    ground.queue[0] = cell
    top = 1
    while top > 0:
        top -= 1
        here = ground.queue[top]
        for d in range(4):
            near = floor.neighbour[here, d]
            if near == wall or role[near] != OUTSIDE:
                continue
            if ground.state[near] != 0:
                role[near] = FENCE
            else:
                role[near] = INSIDE
                ground.queue[top] = near
                top += 1


@compiled
def _pushes_inwards(floor: Floor, ground: Ground, role: NDArray[np.uint8], boxes: NDArray[np.int32]) -> int:
    """Count the first pushes on the fence.

    Returns:
        The count; `_NONE` if one of them cannot be made now, or leads elsewhere, or no box is off target;
        `_GROWN` if another area was joined to the corral instead.
    """
    wall, pushes, unfinished = len(floor.slot), 0, False
    for box in boxes:
        if role[box] != FENCE:
            continue
        unfinished |= not floor.is_target[box]
        for d in range(4):
            to, origin = floor.neighbour[box, d], floor.neighbour[box, d ^ 1]
            if to == wall or origin == wall or floor.dead[to] or role[to] == FENCE or role[origin] != OUTSIDE:
                continue
            if role[to] == INSIDE and ground.walk[origin] >= 0:
                pushes += 1
                continue
            for cell in (to, origin):
                if role[cell] == OUTSIDE and ground.state[cell] == 0 and ground.walk[cell] < 0:
                    _enclose(floor, ground, role, cell)
                    return _GROWN
            return _NONE
    return pushes if unfinished else _NONE


@compiled
def fence_off(floor: Floor, ground: Ground, role: NDArray[np.uint8], boxes: NDArray[np.int32]) -> bool:
    """Look for a corral that must be entered and may as well be entered now.

    Args:
        floor: The floor.
        ground: The boxes and the walk of the player.
        role: Shape (n + 1,), uint8, overwritten; `FENCE` on the boxes to push if there is such a corral.
        boxes: Cells of the boxes, shape (B,).

    Returns:
        Whether pushes on other boxes can be left out.
    """
    role[:] = OUTSIDE
    for cell in range(len(floor.slot)):
        if ground.walk[cell] >= 0 or ground.state[cell] != 0:
            continue
        _enclose(floor, ground, role, cell)
        pushes = _GROWN
        while pushes == _GROWN:
            pushes = _pushes_inwards(floor, ground, role, boxes)
        if pushes != _NONE:
            return True
        role[:] = OUTSIDE
    return False
