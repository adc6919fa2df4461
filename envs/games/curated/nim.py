"""Nim."""

from __future__ import annotations

import re
from typing import Any, Final

from envs.games.curated.reading import found
from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["nim"]

_MOVE: Final = re.compile(r"pile:(\d+), take:(\d+);")


def nim(pile_sizes: str = "1;3;5;7", is_misere: bool = True) -> SpielGame:
    """Load Nim.

    Args:
        pile_sizes: Sizes of the piles, divided by semicolons.
        is_misere: Whether whoever takes the last object loses.
    """
    params = {"pile_sizes": pile_sizes, "is_misere": is_misere}
    sizes = pile_sizes.replace(";", ", ")
    rules = (
        f"Piles of {sizes} objects lie on the table. In turn, beginning with player 0, each player takes one "
        "or more objects from one pile. Whoever takes the last object of all "
        f"{'loses' if is_misere else 'wins'}. The winner gets 1, the loser -1. Piles are counted from 1; an "
        "action is such as take 2 from pile 3."
    )
    wording = Wording(
        title="Nim", rules=rules, render=_render, word=_word, position_decides=True, expert="minimax"
    )
    return SpielGame("nim", load_spiel("nim", params), params, wording)


def _word(spiel: Any, seat: int, number: int) -> str:
    move = found(_MOVE, spiel.action_to_string(seat, number))
    return f"take {move[2]} from pile {move[1]}"


def _render(state: SpielState, seat: int) -> str:
    sizes = state.position().partition(": ")[2].split()
    piles = ", ".join(f"pile {number} has {size}" for number, size in enumerate(sizes, start=1))
    return f"Game state: {piles}."
