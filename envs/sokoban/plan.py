"""From the pushes that a search found to the moves of a player."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.arena import Arena
from envs.sokoban.compiled import compiled
from envs.sokoban.floor import Floor
from envs.sokoban.reach import new_ground, walk_from

__all__ = ["pushes_to", "walk_out"]


@compiled
def pushes_to(arena: Arena, node: int) -> NDArray[np.uint16]:
    """List the pushes that lead to a node, as 4 * cell + direction, shape (pushes,)."""
    size = 0
    step = node
    while arena.parent[step] >= 0:
        size += 1
        step = arena.parent[step]
    pushes = np.empty(size, np.uint16)
    step = node
    while arena.parent[step] >= 0:
        size -= 1
        pushes[size] = arena.pushed[step]
        step = arena.parent[step]
    return pushes


@compiled
def walk_out(
    floor: Floor, player: int, boxes: NDArray[np.int32], pushes: NDArray[np.uint16]
) -> NDArray[np.uint8]:
    """Fill the gaps between pushes with shortest walks.

    Args:
        floor: The floor.
        player: Cell of the player at the start.
        boxes: Cells of the boxes at the start, shape (B,).
        pushes: Shape (pushes,), each 4 * cell + direction.

    Returns:
        Every move, shape (moves,), 0 to 3.
    """
    ground = new_ground(floor)
    for box in boxes:
        ground.state[box] = 1
    moves = np.empty(0, np.uint8)
    for code in pushes:
        cell, direction = divmod(int(code), 4)
        origin = floor.neighbour[cell, direction ^ 1]
        walk_from(floor, ground, player)
        steps = ground.walk[origin]
        leg = np.full(steps + 1, direction, np.uint8)
        for left in range(steps, 0, -1):
            for d in range(4):
                if ground.walk[floor.neighbour[origin, d]] == left - 1:
                    leg[left - 1] = d ^ 1
                    origin = floor.neighbour[origin, d]
                    break
        moves = np.concatenate((moves, leg))
        ground.state[cell], ground.state[floor.neighbour[cell, direction]] = 0, 1
        player = cell
    return moves
