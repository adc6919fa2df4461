"""Boards as text and text as boards: the grid and coordinate observations, the XSB rows, and the actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from agentgym.errors import LevelError
from envs.sokoban.rules import BOX, DIRECTIONS, PLAYER, TARGET, WALL, Board

__all__ = ["LEGEND", "board_from_rows", "board_rows", "coordinates", "grid", "grid_lines", "parse_action"]

LEGEND: Final = "# wall, _ floor, . target, $ box, * box on target, @ you, + you on target"

_SYMBOLS: Final = {
    0: "_",
    WALL: "#",
    TARGET: ".",
    BOX: "$",
    TARGET | BOX: "*",
    PLAYER: "@",
    TARGET | PLAYER: "+",
}
_DRAW: Final = bytes(ord(_SYMBOLS.get(flags, "?")) for flags in range(256))
_FLAGS: Final = {symbol: flags for flags, symbol in _SYMBOLS.items()} | {" ": 0, "-": 0}
_READ: Final = bytes(_FLAGS.get(chr(code), 255) for code in range(256))
_ACTIONS: Final = {
    prefix + name: direction
    for direction, name in enumerate(DIRECTIONS)
    for prefix in ("", "move ", "push ", "go ")
}


def parse_action(action: str) -> int | None:
    """Read a direction: "up", "down", "left" or "right", in any case, perhaps after "move", "push" or "go".

    Returns:
        The direction, 0 to 3, or None where the text is something else.
    """
    direction = _ACTIONS.get(action)
    if direction is None:
        action = action.strip()
        if len(action) <= 20:
            direction = _ACTIONS.get(" ".join(action.lower().split()))
    return direction


def grid(board: Board) -> str:
    """Draw a board as rows of symbols that are separated by single spaces."""
    return grid_lines(board)[:-1]


def grid_lines(board: Board) -> str:
    """Draw a board as `grid` does, with a line break after the last row too: 2 H W characters."""
    height, width = board.shape
    canvas = bytearray(b" " * (2 * height * width))
    canvas[::2] = board.tobytes().translate(_DRAW)
    canvas[2 * width - 1 :: 2 * width] = b"\n" * height
    return canvas.decode("ascii")


def board_rows(board: Board) -> list[str]:
    """Write a board as XSB rows, with "_" for floor."""
    text = board.tobytes().translate(_DRAW).decode("ascii")
    width = board.shape[1]
    return [text[start : start + width] for start in range(0, len(text), width)]


def board_from_rows(rows: Sequence[str]) -> Board:
    """Read a board from XSB rows.

    Args:
        rows: Rows of # wall, space or - or _ floor, . target, $ box, * box on target, @ player, + player on
            target.

    Returns:
        Shape (H, W), uint8.

    Raises:
        LevelError: There are no rows, they are unequal, or a character is unknown. The message begins with
            "it".
    """
    if not rows or not rows[0]:
        raise LevelError("it has no rows")
    width = len(rows[0])
    for number, row in enumerate(rows):
        if len(row) != width:
            raise LevelError(f"its row {number} has {len(row)} cells, its row 0 has {width}")
        for column, symbol in enumerate(row):
            if symbol not in _FLAGS:
                raise LevelError(f"it has the unknown character {symbol!r} in row {number}, column {column}")
    cells = "".join(rows).encode("ascii").translate(_READ)
    return np.frombuffer(cells, dtype=np.uint8).reshape(len(rows), width).copy()


def coordinates(board: Board) -> str:
    """Describe a board by the coordinates of what stands on it."""
    player, boxes, targets = (np.argwhere(board & flag) for flag in (PLAYER, BOX, TARGET))
    on_target = {tuple(cell) for cell in targets.tolist()}
    you = ", ".join(_cell(cell, on_target) for cell in player.tolist())
    return "\n".join(
        [
            f"You are at {you}.",
            f"Boxes: {', '.join(_cell(cell, on_target) for cell in boxes.tolist())}.",
            f"Targets: {', '.join(_cell(cell, set()) for cell in targets.tolist())}.",
            f"Walls: {'; '.join(_wall_row(row, cells) for row, cells in enumerate(board & WALL))}.",
            "Rows count downwards from 0 and columns rightwards from 0.",
        ]
    )


def _cell(cell: list[int], on_target: set[tuple[int, ...]]) -> str:
    note = " on a target" if tuple(cell) in on_target else ""
    return f"(row {cell[0]}, column {cell[1]}){note}"


def _wall_row(row: int, cells: Board) -> str:
    edges = np.flatnonzero(np.diff(cells, prepend=0, append=0))
    runs = [(int(start), int(end) - 1) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    spans = ", ".join(str(start) if start == end else f"{start}-{end}" for start, end in runs)
    return f"row {row}: columns {spans or 'none'}"
