"""Where the player can walk while the boxes stand still.

The set of cells that can be walked to is named by its smallest cell, the *area*.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.compiled import compiled
from envs.sokoban.floor import Floor

__all__ = ["Ground", "area_after", "area_of", "new_ground", "walk_from"]


class Ground(NamedTuple):
    """Boxes on the floor of n cells, and working memory for walks."""

    state: NDArray[np.uint8]  # (n + 1,): 1 on boxes and at n, else 0
    walk: NDArray[np.int32]  # (n + 1,): moves from the player to a cell, -1 if out of reach
    seen: NDArray[np.bool_]  # (n + 1,): all False between uses
    queue: NDArray[np.int32]  # (n + 1,)


@compiled
def new_ground(floor: Floor) -> Ground:
    """Make a floor without boxes."""
    count = len(floor.slot)
    state = np.zeros(count + 1, np.uint8)
    state[count] = 1
    return Ground(
        state,
        np.full(count + 1, -1, np.int32),
        np.zeros(count + 1, np.bool_),
        np.zeros(count + 1, np.int32),
    )


@compiled
def walk_from(floor: Floor, ground: Ground, cell: int) -> None:
    """Fill `ground.walk` with the moves from `cell` to every cell, -1 where boxes block."""
    walk, queue = ground.walk, ground.queue
    walk[:] = -1
    walk[cell] = 0
    queue[0] = cell
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        for d in range(4):
            near = floor.neighbour[here, d]
            if ground.state[near] == 0 and walk[near] < 0:
                walk[near] = walk[here] + 1
                queue[tail] = near
                tail += 1


@compiled
def area_of(floor: Floor, ground: Ground, cell: int) -> int:
    """Find the smallest cell that can be walked to from `cell`."""
    ground.queue[0] = cell
    ground.seen[cell] = True
    tail, area, head = 1, cell, 0
    while head < tail:
        here = ground.queue[head]
        head += 1
        area = min(area, here)
        for d in range(4):
            near = floor.neighbour[here, d]
            if ground.state[near] == 0 and not ground.seen[near]:
                ground.seen[near] = True
                ground.queue[tail] = near
                tail += 1
    for i in range(tail):
        ground.seen[ground.queue[i]] = False
    return area


@compiled
def _parts(floor: Floor, walk: NDArray[np.int32], to: int, cell: int) -> int:
    """Count the pieces that the walkable cells beside `to`, and `cell`, fall into without `to`.

    Only the ring of eight cells around `to` is looked at; pieces that meet farther away count apart.
    """
    pieces, joints = 0, 0
    for d, turn in enumerate((3, 2, 0, 1)):  # up then right, right then down, down then left, left then up
        one, two = floor.neighbour[to, d], floor.neighbour[to, turn]
        if walk[one] >= 0 or one == cell:
            pieces += 1
            corner = floor.neighbour[one, turn]
            if (walk[two] >= 0 or two == cell) and (walk[corner] >= 0 or corner == cell):
                joints += 1
    return pieces - joints


@compiled
def area_after(floor: Floor, ground: Ground, area: int, cell: int, to: int) -> int:
    """Find the player's area after a push from `cell` to `to`, if possible from the area before it."""
    walk = ground.walk
    local = to != area and (walk[to] < 0 or _parts(floor, walk, to, cell) <= 1)
    for d in range(4):
        near = floor.neighbour[cell, d]
        local = local and (ground.state[near] != 0 or walk[near] >= 0)
    return min(area, cell) if local else area_of(floor, ground, cell)
