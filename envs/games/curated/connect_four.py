"""Connect Four."""

from __future__ import annotations

from typing import Final

from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["connect_four"]


def connect_four(rows: int = 6, columns: int = 7, x_in_row: int = 4) -> SpielGame:
    """Load Connect Four.

    Args:
        rows: Height of the board.
        columns: Width of the board.
        x_in_row: Number of discs in a line that win.
    """
    params = {"rows": rows, "columns": columns, "x_in_row": x_in_row}
    rules = (
        f"Player 0 has the discs x, player 1 the discs o. In turn, beginning with player 0, they drop a disc "
        f"into one of {columns} columns; it falls on the lowest free cell of {rows}. Whoever first has "
        f"{x_in_row} of their discs in a line (across, up or diagonal) wins and gets 1, the other gets -1; a "
        f"full board is a draw and gives 0. An action is your disc and the number of the column, from 0, "
        f"such as x{columns // 2}."
    )
    wording = Wording(
        title="Connect Four", rules=rules, render=_render, position_decides=True, expert="mcts:500:2"
    )
    return SpielGame("connect_four", load_spiel("connect_four", params), params, wording)


def _render(state: SpielState, seat: int) -> str:
    rows = state.position().splitlines()
    header: Final = " ".join(str(column % 10) for column in range(len(rows[0])))
    return "\n".join(["Game state:", header, *(" ".join(row) for row in rows)])
