"""Reading level files: Boxoban files and standard XSB text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agentgym.errors import LevelError
from envs.sokoban.rules import Board, boxes_off_target
from envs.sokoban.text import board_from_rows
from envs.sokoban.validity import board_fault

__all__ = ["LEVEL_SUFFIXES", "parse_levels", "read_levels"]

LEVEL_SUFFIXES: Final = (".txt", ".xsb", ".sok")

_NOTE: Final = re.compile(r"[A-Za-z][A-Za-z ]*:")


@dataclass(frozen=True)
class _Block:
    """The rows of one level and the title that stood above them."""

    title: str
    rows: tuple[str, ...]


def read_levels(path: Path) -> tuple[Board, ...]:
    """Read every level of a file.

    Raises:
        LevelError: The file cannot be read, or one of its levels is malformed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LevelError(f"{path} cannot be read as a text of levels: {error}.") from error
    return parse_levels(text, origin=str(path))


def parse_levels(text: str, *, origin: str = "levels") -> tuple[Board, ...]:
    """Parse every level of a text.

    A level is a run of rows; a blank line or a line that begins with ";" ends it. Such a line, or one like
    "Title: x", names the level below it. Rows must be of equal length: fill them up with "-" or "#".

    Args:
        text: Boxoban or XSB text.
        origin: What the text is called in messages, e.g. its path.

    Returns:
        Boards, each of shape (H, W), uint8, in the text's order. Level numbers count from 0.

    Raises:
        LevelError: There is no level, or one is malformed. The message names origin, level and fault.
    """
    boards = tuple(_board(block, number, origin) for number, block in enumerate(_blocks(text)))
    if not boards:
        raise LevelError(f"{origin} holds no level. Expected rows of # - . $ * @ + such as '#@$.#'.")
    return boards


def _blocks(text: str) -> Iterator[_Block]:
    title, rows = "", list[str]()
    for line in text.splitlines():
        is_note = line.startswith(";") or _NOTE.match(line) is not None
        if not is_note and line.strip():
            rows.append(line)
            continue
        if rows:
            yield _Block(title, tuple(rows))
            title, rows = "", []
        if is_note:
            title = line.lstrip("; ").strip()
    if rows:
        yield _Block(title, tuple(rows))


def _board(block: _Block, number: int, origin: str) -> Board:
    try:
        board = board_from_rows(block.rows)
    except LevelError as error:
        fault: str | None = str(error)
    else:
        fault = board_fault(board)
        if fault is None and boxes_off_target(board) == 0:
            fault = "it is solved already: every box stands on a target"
        if fault is None:
            return board
    title = f" ({block.title!r})" if block.title else ""
    raise LevelError(
        f"{origin}: level {number}{title} is malformed: {fault}. Mend the level or leave it out."
    )
