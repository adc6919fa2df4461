"""Liar's dice for two players."""

from __future__ import annotations

from math import comb
from typing import Any, Final

import numpy as np

from envs.games.curated.history import history
from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["liars_dice"]

_LIAR: Final = "liar"
_CREDIBLE: Final = 0.4


def liars_dice(numdice: int = 1, dice_sides: int = 6) -> SpielGame:
    """Load liar's dice.

    Args:
        numdice: Dice of each player.
        dice_sides: Sides of a die; the equilibrium is solved for 3 sides only.
    """
    params = {"numdice": numdice, "dice_sides": dice_sides}
    rules = (
        f"Each of the two players rolls {numdice} dice with {dice_sides} sides, which only they see. In "
        "turn, beginning with player 0, they bid or call the last bid a lie. The bid n-f says that among the "
        f"dice of both at least n show the face f; a die that shows {dice_sides} counts as any face. A bid "
        "must name more dice than the one before, or as many of a higher face. After liar all dice are "
        "shown: if the bid was true, who called loses, else who bid. The winner gets 1, the loser -1. "
        "Actions are bids such as 1-2, and liar."
    )
    wording = Wording(title="Liar's dice", rules=rules, render=_render, word=_word, expert=_expert)
    return SpielGame("liars_dice", load_spiel("liars_dice", params), params, wording)


def _word(spiel: Any, seat: int, number: int) -> str:
    return str(spiel.action_to_string(seat, number)).lower()


def _dice(state: SpielState, seat: int) -> list[int]:
    return [int(die) for die in state.spiel.information_state_string(seat).split()[0]]


def _render(state: SpielState, seat: int) -> str:
    dice = " ".join(map(str, _dice(state, seat)))
    return f"Game state: your dice show {dice}.\n{history(state.log, seat)}"


def _expert(state: SpielState, seat: int, rng: np.random.Generator) -> str:
    """Call a bid that is hardly credible; else make the lowest bid that is most likely true."""
    own, sides = _dice(state, seat), int(state.game.params["dice_sides"])
    legal = state.legal(seat)
    if _LIAR in legal and _credit(state.log[-1][1], own, sides) < _CREDIBLE:
        return _LIAR
    bids = [action for action in legal if action != _LIAR]
    return max(bids, key=lambda bid: _credit(bid, own, sides)) if bids else _LIAR


def _credit(bid: str, own: list[int], sides: int) -> float:
    """Probability that a bid is true, given one's own dice and as many unknown ones."""
    number, face = map(int, bid.split("-"))
    needed = number - sum(die in (face, sides) for die in own)
    chance = (1 if face == sides else 2) / sides
    return sum(
        comb(len(own), k) * chance**k * (1 - chance) ** (len(own) - k)
        for k in range(max(needed, 0), len(own) + 1)
    )
