"""Tic-tac-toe."""

from __future__ import annotations

from typing import Final

from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["tic_tac_toe"]

_RULES: Final = (
    "Player 0 places x, player 1 places o, in turn, on a 3 by 3 board; player 0 begins. Whoever first has "
    "three of their marks in a row, column or diagonal wins and gets 1, the other gets -1; a full board is a "
    "draw and gives 0. An action is a mark with the row and column of an empty cell, counted from 0, such as "
    "x(0,2)."
)


def tic_tac_toe() -> SpielGame:
    """Load tic-tac-toe."""
    return SpielGame("tic_tac_toe", load_spiel("tic_tac_toe", {}), {}, _WORDING)


def _render(state: SpielState, seat: int) -> str:
    top, middle, bottom = map(" ".join, state.position().splitlines())
    return f"Game state:\n   0 1 2\n0  {top}\n1  {middle}\n2  {bottom}"


_WORDING: Final = Wording(
    title="Tic-tac-toe", rules=_RULES, render=_render, position_decides=True, expert="minimax"
)
