"""Leduc poker: two rounds of betting around one public card."""

from __future__ import annotations

import re
from typing import Final

from envs.games.curated.history import history
from envs.games.curated.reading import found
from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["leduc_poker"]

_KNOWN: Final = re.compile(
    r"\[Private: (\d+)\]\[Round (\d)\]\[Player: -?\d+\]\[Pot: \d+\]\[Money: [-\d ]+\]"
    r"(?:\[Public: (\d+)\])?\[Ante: ([\d ]+)\]"
)
_WORDS: Final = ("fold", "call", "raise")


def leduc_poker(players: int = 2, suit_isomorphism: bool = True) -> SpielGame:
    """Load Leduc poker.

    Args:
        players: Number of players, 2 to 10; there is one rank more than players, each in two suits.
        suit_isomorphism: Whether suits, which decide nothing, are left out: the game is the same, with 288
            information states instead of 936.
    """
    params = {"players": players, "suit_isomorphism": suit_isomorphism}
    names = _names(players)
    rules = (
        f"The deck holds two each of {', '.join(names)}, from low to high. Everybody puts 1 chip into the "
        "pot and gets one card that only they see. There are two rounds of betting; before the second, one "
        "public card is turned up. In turn, fold gives up, call puts in as much as the highest bet (nothing, "
        "if there is none), raise puts in 2 chips more in the first round and 4 in the second; there are at "
        "most two raises a round. In the end a card that equals the public card wins, else the highest card; "
        "equal cards share the pot. The return is the chips won or lost."
    )

    def render(state: SpielState, seat: int) -> str:
        return _render(state, seat, names, copies=1 if suit_isomorphism else 2)

    wording = Wording(title="Leduc poker", rules=rules, render=render, word=_word, expert="nash")
    return SpielGame("leduc_poker", load_spiel("leduc_poker", params), params, wording)


def _names(players: int) -> tuple[str, ...]:
    return ("J", "Q", "K") if players == 2 else tuple(str(rank) for rank in range(1, players + 2))


def _word(spiel: object, seat: int, number: int) -> str:
    return _WORDS[number]


def _render(state: SpielState, seat: int, names: tuple[str, ...], *, copies: int) -> str:
    known = found(_KNOWN, state.spiel.observation_string(seat))
    private, turn, public, antes = known.groups()
    table = f"the public card is {names[int(public) // copies]}" if public else "no public card yet"
    chips = [f"{'you' if k == seat else f'player {k}'} {ante}" for k, ante in enumerate(antes.split())]
    return (
        f"Game state: round {turn}; your card is {names[int(private) // copies]}; {table}; "
        f"chips put in: {', '.join(chips)}.\n{history(state.log, seat)}"
    )
