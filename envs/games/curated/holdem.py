"""Texas hold'em for two: fixed limit, and no limit with a small stack."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np

from envs.games.curated.history import history
from envs.games.curated.reading import found
from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["limit_holdem", "no_limit_holdem"]

_TABLE: Final = {
    "numPlayers": 2,
    "numRounds": 4,
    "blind": "2 1",
    "firstPlayer": "2 1 1 1",  # player 1 is the dealer, posts the small blind and acts first before the flop
    "numSuits": 4,
    "numRanks": 13,
    "numHoleCards": 2,
    "numBoardCards": "0 3 1 1",
}
_LIMIT: Final = {"betting": "limit", "raiseSize": "2 2 4 4", "maxRaises": "3 4 4 4"}
_NO_LIMIT: Final = {"betting": "nolimit", "bettingAbstraction": "fullgame"}
_ROUNDS: Final = ("before the flop", "flop", "turn", "river")
_KNOWN: Final = re.compile(r"\[Round (\d)\].*\[Private: (\w*)\]\[Public: (\w*)\]")
_CHIPS: Final = re.compile(r"\[PlayerContribution: ([\d ]+)\]")
_ORDER: Final = "23456789TJQKA"
_RULES: Final = (
    "Two players, a deck of 52 cards. Player 1 is the dealer and puts in a small blind of 1 chip, player 0 a "
    "big blind of 2. Each gets two cards that only they see. There are four rounds of betting: before the "
    "flop, where player 1 begins, and after the flop (three public cards), the turn and the river (one "
    "each), where player 0 begins. fold gives up; call puts in as much as the other has (it is a "
    "check if there is nothing to pay); {raising}. Whoever has not folded and makes the best five cards of "
    "their two and the public five wins the pot. Cards are written as rank and suit, such as Td for the ten "
    "of diamonds. The return is the chips won or lost."
)


def limit_holdem() -> SpielGame:
    """Load heads-up limit hold'em: blinds 1 and 2, bets of 2, 2, 4 and 4, four bets a round."""
    raising = (
        "raise puts in 2 chips more in the first two rounds and 4 in the last two, at most four bets a round"
    )
    return _holdem("limit_holdem", "Limit hold'em", {}, _LIMIT, raising)


def no_limit_holdem(stack: int = 20) -> SpielGame:
    """Load heads-up no-limit hold'em: blinds 1 and 2.

    Args:
        stack: Chips of each player, at least 4.
    """
    raising = f'"raise to n" brings your chips of this hand to n, up to your stack of {stack}'
    own = {**_NO_LIMIT, "stack": f"{stack} {stack}"}
    return _holdem("no_limit_holdem", "No-limit hold'em", {"stack": stack}, own, raising)


def _holdem(
    name: str, title: str, params: dict[str, Any], betting: dict[str, str], raising: str
) -> SpielGame:
    wording = Wording(
        title=title, rules=_RULES.format(raising=raising), render=_render, word=_word, expert=_expert
    )
    return SpielGame(name, load_spiel("universal_poker", {**_TABLE, **betting}), params, wording)


def _word(spiel: Any, seat: int, number: int) -> str:
    move = str(spiel.action_to_string(seat, number)).rpartition("=")[2]
    if move in ("Fold", "Call"):
        return move.lower()
    size = move.removeprefix("Bet")
    return f"raise to {size}" if size else "raise"


def _known(state: SpielState, seat: int) -> tuple[int, list[str], list[str], list[int]]:
    """Read round, own cards, public cards and chips put in from OpenSpiel's text for a seat."""
    known = found(_KNOWN, state.spiel.information_state_string(seat))
    chips = found(_CHIPS, state.spiel.observation_string(seat))[1].split()
    return int(known[1]), _cards(known[2]), _cards(known[3]), [int(number) for number in chips]


def _cards(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(0, len(text), 2)]


def _render(state: SpielState, seat: int) -> str:
    turn, own, public, chips = _known(state, seat)
    return (
        f"Game state: {_ROUNDS[turn]}; your cards are {' '.join(own)}; public cards: "
        f"{' '.join(public) or 'none yet'}; chips put in: you {chips[seat]}, other {chips[1 - seat]}.\n"
        f"{history(state.log, seat)}"
    )


def _expert(state: SpielState, seat: int, rng: np.random.Generator) -> str:
    """Raise with a pair or better, call with a high card or for free, fold the rest."""
    _, own, public, chips = _known(state, seat)
    ranks = [card[0] for card in own]
    paired = len(set(ranks)) == 1 or any(card[0] in ranks for card in public)
    high = max(_ORDER.index(rank) for rank in ranks) >= _ORDER.index("T")
    legal = state.legal(seat)
    raises = [action for action in legal if action.startswith("raise")]
    if paired and raises:
        return raises[0]
    cheap = chips[seat] >= chips[1 - seat]
    return "call" if paired or high or cheap or "fold" not in legal else "fold"
