"""The floor of a board as a graph, and how far a lone box is from every target.

Cells that the player could step on if there were no boxes are numbered 0..n-1; number n stands for every
wall. A *slot* `4 * cell + side` is a box on `cell` with the player in the area that touches the neighbour on
`side`, walls and this box being the only obstacles. Sides that share an area share a slot, the one with the
smallest number. Walking never crosses a box, so the slot of a box changes only when that box is pushed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.compiled import compiled
from envs.sokoban.rules import TARGET, WALL, Board

__all__ = ["FAR", "Floor", "lay_floor"]

FAR = 1 << 20  # the distance of a target that a box cannot be brought to


class Floor(NamedTuple):
    """What stays the same while boxes move: n cells, G targets."""

    neighbour: NDArray[np.int32]  # (n + 1, 4): the cell next to a cell; n is a wall
    slot: NDArray[np.int32]  # (n, 4): slot of a box with the player on that side, -1 at a wall
    distance: NDArray[np.int32]  # (4n + 1, G): pushes from a slot to a target; the last row is all 0
    is_target: NDArray[np.bool_]  # (n + 1,)
    dead: NDArray[np.bool_]  # (n + 1,): a box here reaches no target, whatever the side
    box_key: NDArray[np.uint64]  # (4n,): Zobrist keys of the slots
    area_key: NDArray[np.uint64]  # (n,): Zobrist keys of the player's area, named by its smallest cell


@compiled
def _number_cells(cells: Board, width: int, player: int) -> tuple[NDArray[np.int32], int]:
    """Number the squares of a flat board that the player could reach without boxes, in reading order."""
    number = np.full(cells.size, -1, np.int32)
    stack = np.empty(cells.size, np.int32)
    stack[0] = player
    number[player] = 0
    top = 1
    while top > 0:
        top -= 1
        here = stack[top]
        for delta in (-width, width, -1, 1):
            near = here + delta
            if number[near] < 0 and not cells[near] & WALL:
                number[near] = 0
                stack[top] = near
                top += 1
    count = 0
    for square in range(cells.size):
        if number[square] == 0:
            number[square] = count
            count += 1
    return number, count


@compiled
def _link_cells(number: NDArray[np.int32], width: int, count: int) -> NDArray[np.int32]:
    """List the four neighbours of every cell, shape (n + 1, 4)."""
    neighbour = np.full((count + 1, 4), count, np.int32)
    for square in range(number.size):
        cell = number[square]
        if cell >= 0:
            for d, delta in enumerate((-width, width, -1, 1)):
                near = number[square + delta]
                if near >= 0:
                    neighbour[cell, d] = near
    return neighbour


@compiled
def _join_sides(neighbour: NDArray[np.int32]) -> NDArray[np.int32]:
    """Find, for a lone box on every cell, which of its sides the player can walk between; shape (n, 4)."""
    count = len(neighbour) - 1
    slot = np.full((count, 4), -1, np.int32)
    seen = np.full(count + 1, -1, np.int32)
    stack = np.empty(count + 1, np.int32)
    for cell in range(count):
        for side in range(4):
            first = neighbour[cell, side]
            if first == count or slot[cell, side] >= 0:
                continue
            mark = 4 * cell + side
            stack[0] = first
            seen[first] = mark
            top = 1
            while top > 0:
                top -= 1
                here = stack[top]
                for d in range(4):
                    near = neighbour[here, d]
                    if near != count and near != cell and seen[near] != mark:
                        seen[near] = mark
                        stack[top] = near
                        top += 1
            for other in range(side, 4):
                if neighbour[cell, other] != count and seen[neighbour[cell, other]] == mark:
                    slot[cell, other] = mark
    return slot


@compiled
def _pull_away(
    neighbour: NDArray[np.int32], slot: NDArray[np.int32], target: int, column: NDArray[np.int32]
) -> None:
    """Fill `column`, shape (4n + 1,), with the pushes that a lone box needs from each slot to `target`."""
    count = len(neighbour) - 1
    queue = np.empty(4 * count, np.int32)
    tail = 0
    for side in range(4):
        first = slot[target, side]
        if first >= 0 and column[first] == FAR:
            column[first] = 0
            queue[tail] = first
            tail += 1
    head = 0
    while head < tail:
        cell, steps = queue[head] // 4, column[queue[head]]
        head += 1
        for side in range(4):  # undo the push that left the player on this side
            before = neighbour[cell, side]
            if before == count or slot[cell, side] != queue[head - 1] or neighbour[before, side] == count:
                continue
            origin = slot[before, side]
            if column[origin] == FAR:
                column[origin] = steps + 1
                queue[tail] = origin
                tail += 1


@compiled
def _keys(count: int, salt: int) -> NDArray[np.uint64]:
    """Make Zobrist keys with splitmix64, shape (count,): the same in every process."""
    keys = np.empty(count, np.uint64)
    for i in range(count):
        z = np.uint64(i + 1 + (salt << 32)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        keys[i] = z ^ (z >> np.uint64(31))
    return keys


@compiled
def _dead_cells(distance: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """Mark the cells from which a box reaches no target, shape (n + 1,)."""
    dead = np.ones(count + 1, np.bool_)
    for slot in range(4 * count):
        for column in range(distance.shape[1]):
            if distance[slot, column] < FAR:
                dead[slot // 4] = False
    return dead


@compiled
def lay_floor(board: Board, player: int) -> tuple[Floor, NDArray[np.int32]]:
    """Turn a board into a graph.

    Args:
        board: Shape (H, W), uint8, with walls all round.
        player: Flat position of the player.

    Returns:
        The floor, and the number of the cell on each square, shape (H * W,), -1 off the floor.
    """
    cells = board.ravel()
    number, count = _number_cells(cells, board.shape[1], player)
    neighbour = _link_cells(number, board.shape[1], count)
    slot = _join_sides(neighbour)
    is_target = np.zeros(count + 1, np.bool_)
    for square in range(cells.size):
        if number[square] >= 0 and cells[square] & TARGET:
            is_target[number[square]] = True
    targets = np.flatnonzero(is_target)
    columns = np.full((len(targets), 4 * count + 1), FAR, np.int32)
    for column, target in enumerate(targets):
        _pull_away(neighbour, slot, int(target), columns[column])
        columns[column, 4 * count] = 0
    distance = np.ascontiguousarray(columns.T)
    dead = _dead_cells(distance, count)
    floor = Floor(neighbour, slot, distance, is_target, dead, _keys(4 * count, 1), _keys(count, 2))
    return floor, number
