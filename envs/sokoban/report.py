"""What the environment says of a board: the observation, the facts, and why an action was refused."""

from __future__ import annotations

from typing import Final

from agentgym.api import Facts
from agentgym.hashing import state_key
from envs.sokoban.rules import DIRECTIONS, STUCK_BOX, Board
from envs.sokoban.text import LEGEND, coordinates, grid_lines

__all__ = ["INSTRUCTION", "describe", "describe_batch", "encode_shape", "facts", "refusal"]

INSTRUCTION: Final = (
    "Push every box onto a target. You push a box by walking into it; you cannot pull, and you cannot push a "
    "box into a wall or another box. Answer with one of: up, down, left, right."
)
_ADMISSIBLE: Final = tuple(
    tuple(name for direction, name in enumerate(DIRECTIONS) if mask >> direction & 1) for mask in range(16)
)


def describe(board: Board, *, as_grid: bool) -> str:
    """Write the observation of a board: the grid with its legend, or the coordinates."""
    return grid_lines(board) + LEGEND if as_grid else coordinates(board)


def describe_batch(boards: Board, *, as_grid: bool) -> list[str]:
    """Write the observation of each board of a batch, shape (B, H, W)."""
    if not as_grid:
        return [coordinates(board) for board in boards]
    count, height, width = boards.shape
    lines, size = grid_lines(boards.reshape(count * height, width)), 2 * height * width
    return [lines[start : start + size] + LEGEND for start in range(0, count * size, size)]


def refusal(action: str, direction: int | None, outcome: int) -> str:
    """Say why an action changed nothing.

    Args:
        action: The text of the action.
        direction: What was understood of it; None: nothing.
        outcome: `WALL_AHEAD` or `STUCK_BOX`; of no account where nothing was understood.
    """
    if direction is None:
        return f"I do not understand {_excerpt(action)}. Answer with one of: up, down, left, right."
    if outcome == STUCK_BOX:
        return f"The box cannot move {DIRECTIONS[direction]}: a wall or another box is behind it."
    return f"A wall blocks the way {DIRECTIONS[direction]}."


def encode_shape(height: int, width: int) -> bytes:
    """Write the shape of a board. With the cells behind it, it is the state that `facts` takes."""
    return repr((height, width)).encode("ascii")


def facts(state: bytes, boxes: int, off_target: int, legal: int) -> Facts:
    """Report what is true of a board.

    Args:
        state: The encoded shape and, behind it, the cells.
        boxes: Number of boxes.
        off_target: Number of boxes that are not on a target.
        legal: Bit mask of the directions that change the board.
    """
    solved, on_target = off_target == 0, boxes - off_target
    return Facts(
        INSTRUCTION,
        state_key(state),
        progress=on_target / boxes,
        score=float(solved),
        success=solved,
        admissible_actions=_ADMISSIBLE[legal],
        extra={"boxes": boxes, "boxes_on_target": on_target},
    )


def _excerpt(action: str) -> str:
    """Quote the head of a text, with control characters escaped."""
    return ascii(action) if len(action) <= 40 else f"{action[:40]!a}..."
