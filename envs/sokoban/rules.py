"""The rules of Sokoban on a board of bit flags, compiled.

A board is a uint8 array of shape (H, W); each cell holds the flags `WALL`, `TARGET`, `BOX` and `PLAYER`. A
position is a flat index, row * W + column. A direction is 0 up, 1 down, 2 left or 3 right. The functions
trust their boards: one player, who cannot reach the edge, so that no index leaves the board (`board_fault`
checks it).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.compiled import compiled

__all__ = [
    "BOX",
    "DIRECTIONS",
    "DOWN",
    "LEFT",
    "MOVED",
    "PLAYER",
    "PUSHED",
    "PUSHED_OFF",
    "PUSHED_ON",
    "RIGHT",
    "STUCK_BOX",
    "TARGET",
    "UP",
    "WALL",
    "WALL_AHEAD",
    "Board",
    "boxes_off_target",
    "legal_moves",
    "move",
    "player_position",
]

Board = NDArray[np.uint8]

WALL: Final = 1
TARGET: Final = 2
BOX: Final = 4
PLAYER: Final = 8

UP: Final = 0
DOWN: Final = 1
LEFT: Final = 2
RIGHT: Final = 3
DIRECTIONS: Final = ("up", "down", "left", "right")

# What a move did. A value of MOVED or more changed the board; PUSHED or more moved a box.
WALL_AHEAD: Final = 0
STUCK_BOX: Final = 1
MOVED: Final = 2
PUSHED: Final = 3
PUSHED_ON: Final = 4
PUSHED_OFF: Final = 5


@compiled
def offset(direction: int, width: int) -> int:
    """Difference of flat indices between a cell and its neighbour in a direction."""
    if direction == 0:
        return -width
    if direction == 1:
        return width
    if direction == 2:
        return -1
    return 1


def _outcome(ahead: int, beyond: int) -> int:
    """Say what a step does, from the cell ahead of the player and the one beyond it."""
    if ahead & WALL:
        return WALL_AHEAD
    if not ahead & BOX:
        return MOVED
    if beyond & (WALL | BOX):
        return STUCK_BOX
    gain = (beyond & TARGET) - (ahead & TARGET)
    return PUSHED if gain == 0 else PUSHED_ON if gain > 0 else PUSHED_OFF


# Outcome of each pair of cells, at the index ahead * 8 + beyond: a step has no branch to mispredict.
_OUTCOMES: Final = np.array(
    [_outcome(ahead, beyond) for ahead in range(8) for beyond in range(8)], dtype=np.uint8
)


@compiled
def beyond_of(cells: Board, player: int, delta: int) -> int:
    """Position two steps ahead, or one step where two would leave the array (there is a wall then)."""
    beyond = player + 2 * delta
    return beyond if 0 <= beyond < cells.size else player + delta


@compiled
def outcome_of(cells: Board, player: int, delta: int) -> int:
    """Say what a step would do, without doing it.

    Args:
        cells: Flat board, shape (H * W,), uint8.
        player: Position of the player.
        delta: `offset` of the direction.

    Returns:
        `WALL_AHEAD`, `STUCK_BOX`, `MOVED`, `PUSHED`, `PUSHED_ON` or `PUSHED_OFF`.
    """
    ahead, beyond = cells[player + delta], cells[beyond_of(cells, player, delta)]
    return int(_OUTCOMES[(ahead & 7) * 8 + (beyond & 7)])


@compiled
def move_flat(cells: Board, player: int, delta: int) -> int:
    """Make a step on a flat board, in place; return what happened. A blocked step changes nothing."""
    outcome = outcome_of(cells, player, delta)
    player_bit, box_bit = PLAYER * int(outcome >= MOVED), BOX * int(outcome >= PUSHED)
    cells[player] ^= np.uint8(player_bit)
    cells[player + delta] ^= np.uint8(player_bit | box_bit)
    cells[beyond_of(cells, player, delta)] ^= np.uint8(box_bit)
    return outcome


@compiled
def move(board: Board, player: int, direction: int) -> int:
    """Make a step, in place; return what happened.

    Args:
        board: Shape (H, W), uint8, C-contiguous.
        player: Position of the player.
        direction: 0 to 3.

    Returns:
        The outcome. From `MOVED` on, the player stands at `player + offset(direction, W)`.
    """
    return move_flat(board.ravel(), player, offset(direction, board.shape[1]))


@compiled
def legal_moves(board: Board, player: int) -> int:
    """Bit mask of the directions that change the board: bit d is set for direction d."""
    cells = board.ravel()
    mask = 0
    for direction in range(4):
        if outcome_of(cells, player, offset(direction, board.shape[1])) >= MOVED:
            mask |= 1 << direction
    return mask


@compiled
def player_position(board: Board) -> int:
    """Position of the player, or -1 where there is none."""
    cells = board.ravel()
    for position in range(cells.size):
        if cells[position] & PLAYER:
            return position
    return -1


@compiled
def boxes_off_target(board: Board) -> int:
    """Number of boxes that do not stand on a target. 0: the level is solved."""
    count = 0
    for cell in board.ravel():
        if cell & BOX and not cell & TARGET:
            count += 1
    return count
