"""Small boards that the tests share."""

from __future__ import annotations

from envs.sokoban.rules import Board
from envs.sokoban.text import board_from_rows

__all__ = ["CORRIDOR", "TWO_BOXES", "board_of"]

CORRIDOR = """
#######
#@$ . #
#######
"""

TWO_BOXES = """
########
#@$.  .#
#  $   #
########
"""


def board_of(text: str) -> Board:
    return board_from_rows(text.strip().splitlines())
