"""Exact measures against values known from game theory."""

from __future__ import annotations

from typing import Any

import pytest

from agentgym.errors import ArgumentError
from envs.games.openspiel import SpielGame
from envs.games.opponents.nash import Nash
from envs.games.registration import load_game
from envs.games.yardsticks.exact import (
    Table,
    best_response_values,
    exploitability,
    information_states,
    play_value,
    uniform,
)

pyspiel: Any = pytest.importorskip("pyspiel", reason="the extra games is not installed")

_KUHN, _LEDUC = "kuhn_poker", "leduc_poker(suit_isomorphism=True)"
_DICE = "liars_dice(numdice=1,dice_sides=3)"


def _kuhn_equilibrium(alpha: float) -> Table:
    """Kuhn's family of equilibria: the first player bluffs with a jack with probability alpha <= 1/3.

    A key is the card (0, 1, 2 for J, Q, K) and the moves so far (p pass, b bet).
    """
    bet = {
        "0": alpha, "1": 0.0, "2": 3 * alpha,
        "0pb": 0.0, "1pb": alpha + 1 / 3, "2pb": 1.0,
        "0p": 1 / 3, "1p": 0.0, "2p": 1.0,
        "0b": 0.0, "1b": 1 / 3, "2b": 1.0,
    }  # fmt: skip
    return {key: [(0, 1 - p), (1, p)] for key, p in bet.items()}


@pytest.mark.parametrize(
    ("name", "states", "expected"), [(_KUHN, 12, 0.458333), (_LEDUC, 288, 2.373611), (_DICE, 192, 0.5556)]
)
def test_exploitability__of_the_uniform_policy(name: str, states: int, expected: float) -> None:
    game = pyspiel.load_game(name)
    assert len(information_states(game)) == states
    assert exploitability(game, uniform(game)) == pytest.approx(expected, abs=1e-4)


def test_exploitability__of_three_players_is_a_third_of_the_nash_distance() -> None:
    game = pyspiel.load_game("kuhn_poker(players=3)")
    assert exploitability(game, uniform(game)) == pytest.approx(2.0625 / 3, abs=1e-6)


@pytest.mark.parametrize("alpha", [0.0, 0.2, 1 / 3])
def test_exploitability__is_zero_for_every_equilibrium_of_kuhn(alpha: float) -> None:
    game, table = pyspiel.load_game(_KUHN), _kuhn_equilibrium(alpha)
    assert exploitability(game, table) == pytest.approx(0.0, abs=1e-12)
    assert play_value(game, [table, table]) == pytest.approx((-1 / 18, 1 / 18))
    assert best_response_values(game, table) == pytest.approx((-1 / 18, 1 / 18))


def test_exploitability__of_a_bluffer_beyond_a_third_is_positive() -> None:
    bet = dict(_kuhn_equilibrium(1 / 3))
    bet["0"] = [(0, 0.4), (1, 0.6)]
    assert exploitability(pyspiel.load_game(_KUHN), bet) > 0.01


def test_play_value__of_uniform_play() -> None:
    for name, expected in ((_KUHN, 0.125), (_LEDUC, -0.078125)):
        game = pyspiel.load_game(name)
        assert play_value(game, [uniform(game)] * 2) == pytest.approx((expected, -expected))


@pytest.mark.parametrize(
    ("name", "params", "values", "loss"),
    [
        ("kuhn_poker", {}, (-1 / 18, 0.1298, -0.1667), 1e-3),
        ("leduc_poker", {"suit_isomorphism": True}, (-0.0855, 0.5918, -0.827), 2e-3),
    ],
)
def test_play_value__of_the_solved_equilibrium(
    name: str, params: dict[str, Any], values: tuple[float, ...], loss: float
) -> None:
    """Against uniform play the value depends on which equilibrium was found, hence the wide bound there."""
    game = load_game(name, params)
    assert isinstance(game, SpielGame)
    nash, anything = Nash(game).policy(), uniform(game.spiel)
    assert exploitability(game.spiel, nash) < loss
    assert play_value(game.spiel, [nash, nash])[0] == pytest.approx(values[0], abs=2e-3)
    assert play_value(game.spiel, [nash, anything])[0] == pytest.approx(values[1], abs=0.05)
    assert play_value(game.spiel, [anything, nash])[0] == pytest.approx(values[2], abs=0.05)


def test_play_value__of_leduc_is_that_of_the_game_with_suits() -> None:
    small, full = pyspiel.load_game(_LEDUC), pyspiel.load_game("leduc_poker")
    assert play_value(small, [uniform(small)] * 2) == pytest.approx(play_value(full, [uniform(full)] * 2))


@pytest.mark.parametrize(
    "broken", [[(0, 1.0)], [(0, 0.7), (1, 0.7)], [(0, 1.5), (1, -0.5)], [(0, 0.5), (7, 0.5)]]
)
def test_table__that_is_no_policy_is_refused(broken: list[tuple[int, float]]) -> None:
    game = pyspiel.load_game(_KUHN)
    with pytest.raises(ArgumentError, match="at '1pb'"):
        exploitability(game, {**uniform(game), "1pb": broken})


def test_exact__says_which_games_it_cannot_measure() -> None:
    with pytest.raises(ArgumentError, match="too large"):
        information_states(pyspiel.load_game("tic_tac_toe"))
    with pytest.raises(ArgumentError, match="same time"):
        information_states(pyspiel.load_game("matrix_pd"))
    with pytest.raises(ArgumentError, match="1 tables for 2 seats"):
        play_value(pyspiel.load_game(_KUHN), [{}])
