"""Deal or no deal: two players divide books, hats and basketballs that are worth different things to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from envs.games.curated.history import history
from envs.games.curated.reading import found
from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["bargaining"]

_AGREE: Final = "agree"
_COUNTS: Final = re.compile(r"Book: (\d+), Hat: (\d+), Basketball: (\d+)")
_KEPT: Final = re.compile(r"keep (\d+) books (\d+) hats (\d+) basketballs")
_TURNS: Final = 10
_ENOUGH: Final = 6
_PAR: Final = 4.0


def bargaining() -> SpielGame:
    """Load Deal or no deal: 1000 instances, at most 10 offers."""
    return SpielGame("bargaining", load_spiel("bargaining", {}), {}, _WORDING)


def _word(spiel: Any, seat: int, number: int) -> str:
    counts = _COUNTS.search(spiel.action_to_string(seat, number))
    return f"keep {counts[1]} books {counts[2]} hats {counts[3]} basketballs" if counts else _AGREE


def _known(state: SpielState, seat: int) -> tuple[Sequence[int], Sequence[int]]:
    """Read the pool and the seat's own values, each for book, hat and basketball."""
    pool, values = _COUNTS.findall(state.spiel.information_state_string(seat))[:2]
    return tuple(map(int, pool)), tuple(map(int, values))


def _render(state: SpielState, seat: int) -> str:
    pool, values = _known(state, seat)
    left = _TURNS - len(state.log)
    return (
        f"Game state: on the table are {_said(pool)}. To you a book is worth {values[0]}, a hat {values[1]} "
        f"and a basketball {values[2]}; {left} turns are left.\n{history(state.log, seat)}"
    )


def _said(counts: Sequence[int]) -> str:
    return f"{counts[0]} books, {counts[1]} hats and {counts[2]} basketballs"


def _expert(state: SpielState, seat: int, rng: np.random.Generator) -> str:
    """Agree to a good deal, or to any in the end; else ask for the best that leaves something."""
    pool, values = _known(state, seat)
    if state.log:
        asked = _kept(state.log[-1][1])
        offered = sum(v * (n - k) for v, n, k in zip(values, pool, asked, strict=True))
        if offered >= _ENOUGH or len(state.log) >= _TURNS - 2:
            return _AGREE
    bids = [action for action in state.legal(seat) if action != _AGREE and _kept(action) != tuple(pool)]
    patience = len(state.log) // 2
    ranked = sorted(bids, key=lambda bid: -sum(v * k for v, k in zip(values, _kept(bid), strict=True)))
    return ranked[min(patience, len(ranked) - 1)]


def _kept(action: str) -> tuple[int, ...]:
    return tuple(map(int, found(_KEPT, action).groups()))


_WORDING: Final = Wording(
    title="Deal or no deal",
    rules=(
        "Two players divide books, hats and basketballs. Both see how many there are; what each kind is "
        "worth to a player only that player sees, and all of it is worth 10 to each. In turn, beginning "
        "with player 0, they say what they want to keep, the rest being the other's, or agree to the other's "
        f"last wish. After {_TURNS} turns without agreement both get 0; else each gets what their part is "
        "worth to them. An action is such as keep 1 books 0 hats 2 basketballs, or agree."
    ),
    render=_render,
    word=_word,
    par=_PAR,
    expert=_expert,
)
