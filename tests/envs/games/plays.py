"""What the tests of games share: names, and random plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from envs.games.openspiel import SpielGame, SpielState
from envs.games.registration import load_game

CURATED = (
    "tic_tac_toe", "connect_four", "nim", "chess", "kuhn_poker", "leduc_poker", "limit_holdem",
    "no_limit_holdem", "liars_dice", "goofspiel", "bargaining", "prisoners_dilemma", "stag_hunt", "hanabi",
    "hanabi_mini", "hanabi_simple",
)  # fmt: skip
SIMULTANEOUS = ("goofspiel", "prisoners_dilemma", "stag_hunt")
SINGLE = (
    "TicTacToe-v0", "ConnectFour-v0", "Nim-v0", "KuhnPoker-v0", "LeducPoker-v0", "LimitHoldem-v0",
    "NoLimitHoldem-v0", "LiarsDice-v0", "Goofspiel-v0", "Bargaining-v0", "PrisonersDilemma-v0", "StagHunt-v0",
    "Hanabi-v0", "HanabiMini-v0", "HanabiSimple-v0",
)  # fmt: skip
WRAPPED: Mapping[str, Mapping[str, Any]] = {
    "add_noise": {"game": "kuhn_poker()", "epsilon": 0.1, "seed": 1},
    "cached_tree": {"game": "kuhn_poker()"},
    "misere": {"game": "tic_tac_toe()"},
    "normal_form_extensive_game": {"game": "kuhn_poker()"},
    "repeated_game": {"stage_game": "matrix_pd()", "num_repetitions": 3},
    "start_at": {"game": "tic_tac_toe()", "history": "1;2"},
    "turn_based_simultaneous_game": {"game": "goofspiel(num_cards=4)"},
    "zerosum": {"game": "matrix_pd()"},
}


def spiel_game(name: str, params: Mapping[str, Any] | None = None) -> SpielGame:
    game = load_game(name, params)
    assert isinstance(game, SpielGame)
    return game


def random_moves(state: SpielState, rng: np.random.Generator) -> dict[int, str]:
    return {seat: state.sample(seat, rng) for seat in state.actors()}


def random_play(game: SpielGame, seed: int, most: int = 300) -> Iterator[SpielState]:
    """Yield the state before every decision and at the end; it is one object that goes on."""
    state, rng = game.new_state(np.random.default_rng(seed)), np.random.default_rng([1, seed])
    yield state
    for _ in range(most):
        if not state.actors():
            return
        state.apply(random_moves(state, rng))
        yield state
