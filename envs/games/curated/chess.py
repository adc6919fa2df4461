"""Chess."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from envs.games.curated.history import history
from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["chess"]

_RULES: Final = (
    "The usual rules of chess; player 1 has White and begins, player 0 has Black. Mate gives the winner 1 "
    "and the loser -1, a draw 0. An action is a move in standard algebraic notation, such as e4, Nf3, exd5, "
    "O-O or e8=Q, without signs for check or mate."
)
_WORTH: Final = {"p": 1, "n": 3, "b": 3, "r": 5, "q": 9}
_MATE: Final = 1000.0


def chess() -> SpielGame:
    """Load chess."""
    return SpielGame("chess", load_spiel("chess", {}), {}, _WORDING)


def _render(state: SpielState, seat: int) -> str:
    fen = state.position()
    rows = fen.split()[0].split("/")
    board = [f"{8 - k}  {' '.join(_spread(row))}" for k, row in enumerate(rows)]
    lines = [f"Game state: {fen}", *board, "   a b c d e f g h", history(state.log, seat)]
    return "\n".join(lines)


def _spread(row: str) -> str:
    return "".join("." * int(sign) if sign.isdigit() else sign for sign in row)


def _expert(state: SpielState, seat: int, rng: np.random.Generator) -> str:
    """Draw a move after which the best reply leaves the most material; mate counts above all."""
    worth = {word: -_best(state.spiel.child(number), 1 - seat) for word, number in state.words(seat).items()}
    top = max(worth.values())
    best = [word for word, value in worth.items() if value == top]
    return best[int(rng.integers(len(best)))]


def _best(spiel: Any, seat: int) -> float:
    """Value of a position for the seat to move, looking one move ahead."""
    if spiel.is_terminal():
        return _MATE * float(spiel.returns()[seat])
    return max(_value(spiel.child(number), seat) for number in spiel.legal_actions())


def _value(spiel: Any, seat: int) -> float:
    if spiel.is_terminal():
        return _MATE * float(spiel.returns()[seat])
    board = str(spiel).partition(" ")[0]
    white = sum(worth * (board.count(sign.upper()) - board.count(sign)) for sign, worth in _WORTH.items())
    return float(white if seat == 1 else -white)


_WORDING: Final = Wording(title="Chess", rules=_RULES, render=_render, fixed_words=False, expert=_expert)
