"""What makes a board a board: one player behind closed walls, and as many targets as boxes."""

from __future__ import annotations

import numpy as np

from envs.sokoban.compiled import compiled
from envs.sokoban.rules import BOX, PLAYER, TARGET, WALL, Board

__all__ = ["board_fault", "is_closed"]

_KNOWN = (0, WALL, TARGET, BOX, PLAYER, TARGET | BOX, TARGET | PLAYER)


@compiled
def is_closed(board: Board) -> bool:
    """Whether walls part every player from the edge of the board; boxes count as floor."""
    height, width = board.shape
    seen = np.zeros((height, width), dtype=np.bool_)
    stack = np.empty((height * width, 2), dtype=np.int64)
    size = 0
    for row in range(height):
        for column in range(width):
            if board[row, column] & PLAYER:
                seen[row, column] = True
                stack[size, 0], stack[size, 1] = row, column
                size += 1
    while size > 0:
        size -= 1
        row, column = stack[size, 0], stack[size, 1]
        if row in (0, height - 1) or column in (0, width - 1):
            return False
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if not seen[r, c] and not board[r, c] & WALL:
                seen[r, c] = True
                stack[size, 0], stack[size, 1] = r, c
                size += 1
    return True


def board_fault(board: Board) -> str | None:
    """Say what is wrong with a board; None where it can be played.

    Args:
        board: Shape (H, W), uint8.
    """
    if not np.isin(board, _KNOWN).all():
        return "it has a cell that holds two things at once"
    players, boxes, targets = (int(np.count_nonzero(board & flag)) for flag in (PLAYER, BOX, TARGET))
    if players != 1:
        return "it has no player" if players == 0 else f"it has {players} players"
    if boxes == 0:
        return "it has no box"
    if boxes != targets:
        return f"it has {_count(boxes, 'box', 'boxes')} but {_count(targets, 'target', 'targets')}"
    if not is_closed(board):
        return "its walls are not closed: the player can reach the edge"
    return None


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
