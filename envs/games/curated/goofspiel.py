"""Goofspiel: everybody bids a card at once for each prize."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["goofspiel"]

_PRIZES: Final = "Point card sequence: "


def goofspiel(players: int = 2, num_cards: int = 5, points_order: str = "random") -> SpielGame:
    """Load goofspiel.

    Args:
        players: Number of players, 2 to 10.
        num_cards: Number of prizes, and of cards in each hand.
        points_order: Order of the prizes: "random", "ascending" or "descending".
    """
    params = {"players": players, "num_cards": num_cards, "points_order": points_order}
    rules = (
        f"Everybody holds the cards 1 to {num_cards}. The prizes 1 to {num_cards} are turned up one after "
        "the other; for each, all bid one of their cards at once. The highest bid gets the points of the "
        "prize; if it is not the only one, nobody does. Bid cards are gone. Whoever has the most points in "
        "the end gets 1, divided among equals; the others lose as much. An action is a card, such as bid 3."
    )
    wording = Wording(title="Goofspiel", rules=rules, render=_render, word=_word, expert=_expert)
    return SpielGame("goofspiel", load_spiel("goofspiel", params), params, wording)


def _word(spiel: Any, seat: int, number: int) -> str:
    return f"bid {number + 1}"


def _prizes(state: SpielState) -> list[int]:
    lines = state.spiel.information_state_string(0).splitlines()
    (line,) = [line for line in lines if line.startswith(_PRIZES)]
    return [int(prize) for prize in line.removeprefix(_PRIZES).split()]


def _render(state: SpielState, seat: int) -> str:
    facts, prizes = state.game.facts, _prizes(state)
    points = state.spiel.observation_string(0).partition("Points: ")[2].split()[: facts.seats]
    left = [n for n in range(1, int(state.game.params["num_cards"]) + 1) if n not in prizes]
    bids = [
        [word.removeprefix("bid ") for bidder, word in state.log if bidder == k] for k in range(facts.seats)
    ]
    who = ["You" if k == seat else f"Player {k}" for k in range(facts.seats)]
    lines = [
        f"{who[k]}: {points[k]} points, bids so far {' '.join(bids[k]) or 'none'}" for k in range(facts.seats)
    ]
    prize = prizes[-1] if prizes and state.actors() else "none"
    return "\n".join(
        [
            f"Game state: the prize is {prize}; still to come: {' '.join(map(str, left)) or 'none'}.",
            f"Prizes so far: {' '.join(map(str, prizes))}",
            *lines,
        ]
    )


def _expert(state: SpielState, seat: int, rng: np.random.Generator) -> str:
    """Bid the worth of the prize, or the nearest card."""
    prize = _prizes(state)[-1]
    return min(state.legal(seat), key=lambda action: abs(int(action.removeprefix("bid ")) - prize))
