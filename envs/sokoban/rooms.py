"""Rooms without boxes: how they are carved, and which split owns which room.

A split owns a room by its shape, not by its seed: the floor is cropped to its bounding box, hashed in its
eight rotations and reflections, and the least hash decides. So no room of one split is a rotation, reflection
or shift of a room of another, whatever the board's size.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from envs.sokoban.chance import Chance, below, chance_true, mix
from envs.sokoban.compiled import compiled
from envs.sokoban.rules import WALL, Board, offset

__all__ = ["SPLITS", "carve", "owner_of", "room_key"]

SPLITS: Final = ("train", "validation", "test")

# Of five equal shares of all rooms, three are train's, one is validation's and one is test's.
_OWNERS: Final = np.array([0, 0, 0, 1, 2], dtype=np.int64)
# What a step of the walk carves around itself, as (row, column) offsets: bars, corners and a block.
_STAMPS: Final = np.array(
    [
        [[0, -1], [0, 1], [0, 0]],
        [[-1, 0], [1, 0], [0, 0]],
        [[0, -1], [1, 0], [0, 0]],
        [[0, 1], [1, 0], [0, 0]],
        [[0, -1], [1, -1], [1, 0]],
    ],
    dtype=np.int64,
)
_TURN_PERCENT: Final = 35
_STEPS_PER_SIDE: Final = 17  # tenths


@compiled
def carve(board: Board, least: int, chance: Chance) -> None:
    """Fill a board with walls and carve a connected room into it by a random walk.

    Args:
        board: Shape (H, W), uint8, overwritten.
        least: Least number of floor cells; the walk goes on until it has carved them.
        chance: Where the randomness comes from.
    """
    height, width = board.shape
    board[:] = WALL
    row, column = 1 + below(chance, height - 2), 1 + below(chance, width - 2)
    direction = below(chance, 4)
    floor, steps = _stamp(board, row, column, chance), _STEPS_PER_SIDE * (height + width) // 10
    while steps > 0 or floor < least:
        steps -= 1
        if chance_true(chance, _TURN_PERCENT):
            direction = below(chance, 4)
        step = offset(direction, 4)
        row_step, column_step = (step // 4, 0) if direction < 2 else (0, step)
        if 0 < row + row_step < height - 1 and 0 < column + column_step < width - 1:
            row, column = row + row_step, column + column_step
        floor += _stamp(board, row, column, chance)


@compiled
def _stamp(board: Board, row: int, column: int, chance: Chance) -> int:
    """Carve one stamp around a cell; return how many cells became floor."""
    height, width = board.shape
    stamp = below(chance, _STAMPS.shape[0])
    carved = int(board[row, column] == WALL)
    board[row, column] = 0
    for k in range(3):
        r, c = row + _STAMPS[stamp, k, 0], column + _STAMPS[stamp, k, 1]
        if 0 < r < height - 1 and 0 < c < width - 1 and board[r, c] == WALL:
            board[r, c] = 0
            carved += 1
    return carved


@compiled
def room_key(board: Board) -> np.uint64:
    """Hash the shape of a room: equal for its rotations, reflections and shifts, whatever stands in it."""
    height, width = board.shape
    top, bottom, left, right = height, -1, width, -1
    for row in range(height):
        for column in range(width):
            if not board[row, column] & WALL:
                top, bottom = min(top, row), max(bottom, row)
                left, right = min(left, column), max(right, column)
    key = _key_of_view(board[top : bottom + 1, left : right + 1], 0)
    for view in range(1, 8):
        key = min(key, _key_of_view(board[top : bottom + 1, left : right + 1], view))
    return key


@compiled
def _key_of_view(room: Board, view: int) -> np.uint64:
    """Hash one of eight views of a cropped room: bit 0 transposes, bit 1 flips rows, bit 2 columns."""
    height, width = room.shape
    rows, columns = (width, height) if view & 1 else (height, width)
    key = mix(np.uint64(rows * 65_536 + columns))
    for i in range(rows):
        for j in range(columns):
            r, c = (j, i) if view & 1 else (i, j)
            if view & 2:
                r = height - 1 - r
            if view & 4:
                c = width - 1 - c
            key = key * np.uint64(0x9E3779B97F4A7C15) + np.uint64(room[r, c] & WALL)
            key ^= key >> np.uint64(29)
    return mix(key)


@compiled
def owner_of(board: Board) -> int:
    """Index in `SPLITS` of the split that owns the room."""
    return int(_OWNERS[room_key(board) % np.uint64(5)])
