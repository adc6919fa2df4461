"""Repeated games of two players and two actions: the prisoner's dilemma and the stag hunt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from agentgym.errors import ArgumentError
from envs.games.openspiel import SpielGame, SpielState, Wording, load_spiel

__all__ = ["prisoners_dilemma", "stag_hunt"]

_MOST_ROUNDS: Final = 1000


def prisoners_dilemma(rounds: int = 10) -> SpielGame:
    """Load the iterated prisoner's dilemma.

    Args:
        rounds: Number of rounds.
    """
    return _repeated("prisoners_dilemma", "Prisoner's dilemma", "matrix_pd", rounds, each=5.0)


def stag_hunt(rounds: int = 10) -> SpielGame:
    """Load the iterated stag hunt.

    Args:
        rounds: Number of rounds.
    """
    return _repeated("stag_hunt", "Stag hunt", "matrix_sh", rounds, each=2.0)


def _repeated(name: str, title: str, stage: str, rounds: int, *, each: float) -> SpielGame:
    """Repeat a matrix game; a return of `each` in every round, as full cooperation gives, is a success."""
    if type(rounds) is not int or not 1 <= rounds <= _MOST_ROUNDS:
        raise ArgumentError(f"`rounds` is {rounds!r} in {name}. It must be 1 to {_MOST_ROUNDS}.")
    matrix = load_spiel(stage, {})
    words = tuple(matrix.row_action_name(k).lower() for k in range(2))
    repeated = {"num_repetitions": rounds, "recall": rounds, "stage_game": f"{stage}()"}
    spiel = load_spiel("repeated_game", repeated)
    wording = Wording(
        title=title,
        rules=_rules(words, matrix.row_utilities(), rounds),
        render=_render,
        word=lambda state, seat, number: words[number],
        par=each * rounds - 0.5,
        expert=_expert,
    )
    return SpielGame(name, spiel, {"rounds": rounds}, wording)


def _rules(words: Sequence[str], payoffs: Any, rounds: int) -> str:
    good, bad = words
    return (
        f"Two players choose {good} or {bad} at once, {rounds} times; after each round both see what was "
        f"chosen. If both choose {good}, each gets {payoffs[0][0]:g}; if both choose {bad}, each gets "
        f"{payoffs[1][1]:g}; if one chooses {good} and the other {bad}, the first gets {payoffs[0][1]:g} and "
        f"the second {payoffs[1][0]:g}. The return is the sum over all rounds."
    )


def _render(state: SpielState, seat: int) -> str:
    mine = [word for who, word in state.log if who == seat]
    theirs = [word for who, word in state.log if who != seat]
    total = int(state.game.params["rounds"])
    returns = state.returns()
    past = "; ".join(f"you {a}, other {b}" for a, b in zip(mine, theirs, strict=True))
    return (
        f"Game state: {len(mine)} of {total} rounds played; you have {returns[seat]:g}, the other has "
        f"{returns[1 - seat]:g}.\nHistory: {past or 'nothing yet'}"
    )


def _expert(state: SpielState, seat: int, rng: np.random.Generator) -> str:
    """Tit for tat: begin well, then do what the other did last."""
    theirs = [word for who, word in state.log if who != seat]
    return theirs[-1] if theirs else state.legal(seat)[0]
