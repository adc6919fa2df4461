"""Opponents: exact values, strength, refusals, and what they may look at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agentgym.errors import ArgumentError, DataError, UnknownNameError
from envs.games.match import Match
from envs.games.openspiel import SpielGame
from envs.games.opponents import Strategy, make_player, make_strategy
from envs.games.opponents.nash import Nash
from tests.envs.games.plays import spiel_game

pyspiel = pytest.importorskip("pyspiel", reason="needs open_spiel")


def _score(game: SpielGame, players: tuple[Strategy, Strategy], seat: int, plays: int) -> list[float]:
    """Returns of a seat over plays of the deals 0, 1, ..."""
    rng, returns = np.random.default_rng(7), []
    for deal in range(plays):
        state = game.new_state(np.random.default_rng(deal))
        while state.actors():
            actor = state.actors()[0]
            state.apply({actor: players[actor].act(state, actor, rng)})
        returns.append(state.returns()[seat])
    return returns


@pytest.mark.parametrize(
    ("name", "params", "iterations", "most"),
    [
        ("kuhn_poker", {}, 1000, 1e-3),
        ("leduc_poker", {}, 400, 2e-3),
        ("liars_dice", {"dice_sides": 3}, 400, 2e-3),
    ],
)
def test_nash__cannot_be_exploited(name: str, params: dict[str, Any], iterations: int, most: float) -> None:
    game = spiel_game(name, params)
    policy = pyspiel.TabularPolicy(Nash(game, iterations).policy())
    assert pyspiel.exploitability(game.spiel, policy) < most


@pytest.mark.parametrize(("name", "value"), [("kuhn_poker", -1 / 18), ("leduc_poker", -0.0855)])
def test_nash__has_the_known_value(name: str, value: float) -> None:
    game = spiel_game(name)
    policy = pyspiel.TabularPolicy(Nash(game).policy())
    state = game.spiel.new_initial_state()
    assert pyspiel.expected_returns(state, [policy, policy], -1, True)[0] == pytest.approx(value, abs=2e-3)


def test_nash__plays_the_probabilities_of_its_policy() -> None:
    """A jack that faces a bet folds; a king never passes then."""
    game = spiel_game("kuhn_poker")
    nash, rng = make_strategy("nash", game), np.random.default_rng(0)
    for deal in range(40):
        state = game.new_state(np.random.default_rng(deal))
        state.apply({0: "bet"})
        said = nash.act(state, 1, rng)
        if "card is J" in state.render(1):
            assert said == "pass"
        if "card is K" in state.render(1):
            assert said == "bet"


def test_minimax__never_loses_and_beats_chance() -> None:
    game = spiel_game("tic_tac_toe")
    best, chance = make_strategy("minimax", game), make_strategy("random", game)
    for seat, players in enumerate([(best, chance), (chance, best)]):
        returns = _score(game, players, seat, 200)
        assert min(returns) >= 0.0 and np.mean(returns) > 0.6
    assert set(_score(game, (best, best), 0, 20)) == {0.0}


def test_minimax__second_player_wins_misere_nim() -> None:
    game = spiel_game("nim")
    best, chance = make_strategy("minimax", game), make_strategy("random", game)
    assert set(_score(game, (chance, best), 1, 50)) == {1.0}


def test_mcts__beats_chance_at_tic_tac_toe_in_either_seat() -> None:
    game = spiel_game("tic_tac_toe")
    search, chance = make_strategy("mcts:100:10", game), make_strategy("random", game)
    assert search.name == "mcts-100x10@v1"
    for seat, players in enumerate([(search, chance), (chance, search)]):
        assert np.mean(_score(game, players, seat, 200)) > 0.8


def test_mcts__repeats_itself_under_one_generator() -> None:
    game = spiel_game("connect_four")
    state = game.new_state(np.random.default_rng(0))
    search = make_strategy("mcts:50", game)
    said = [search.act(state, 0, np.random.default_rng(seed)) for seed in (1, 1, 2, 3, 4, 5)]
    assert said[0] == said[1]


def test_ismcts__beats_chance_at_leduc() -> None:
    game = spiel_game("leduc_poker")
    search, chance = make_strategy("ismcts:200", game), make_strategy("random", game)
    assert np.mean(_score(game, (search, chance), 0, 150)) > 0.5


@pytest.mark.parametrize(
    ("game", "spec", "says"),
    [
        ("kuhn_poker", "mcts:100", "look at what is hidden"),
        ("prisoners_dilemma", "mcts:100", "cannot search"),
        ("negotiation", "mcts:100", "hidden"),
        ("stones_and_gems", "mcts:100", "cannot search"),
        ("hanabi_mini", "ismcts:10", "does not resample"),
        ("liars_dice", "ismcts:10", "does not resample"),
        ("goofspiel", "ismcts:10", "does not resample"),
        ("chess", "minimax", "small"),
        ("kuhn_poker", "minimax", "small"),
        ("liars_dice", "nash", "too many"),
        ("limit_holdem", "cfr:10", "too many"),
        ("bargaining", "nash", "zero-sum"),
        ("tic_tac_toe", "mcts", "mcts:<simulations>"),
        ("tic_tac_toe", "mcts:0", "misspelt"),
        ("tic_tac_toe", "mcts:1:2:3", "misspelt"),
        ("tic_tac_toe", "mcts:99999999", "misspelt"),
        ("kuhn_poker", "nash:x", "misspelt"),
    ],
)
def test_make_strategy__refuses_what_cannot_play(game: str, spec: str, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        make_strategy(spec, spiel_game(game))


def test_make_strategy__names_what_is_close() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'minimax'"):
        make_strategy("minmax", spiel_game("tic_tac_toe"))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"replay": "pass"}, "misspelt"),
        ({"replay": [1]}, "no text"),
        ({"play": []}, "misspelt"),
        (7, "no oppo"),
    ],
)
def test_make_player__says_what_is_wrong(spec: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        make_player(spec, spiel_game("kuhn_poker"))


def test_recorded__says_its_texts_in_turn_and_no_more() -> None:
    match = Match(spiel_game("tic_tac_toe"), max_retries=None)
    match.start(np.random.default_rng(0))
    player, rng = make_player({"replay": ["x(0,0)", "nonsense"]}, match.game), np.random.default_rng(0)
    match.submit(0, player.speak(match, 0, rng))
    match.submit(1, "o(1,1)")
    match.submit(0, player.speak(match, 0, rng))
    assert match.illegal == [1, 0]
    with pytest.raises(DataError, match="has 2 texts"):
        player.speak(match, 0, rng)


def test_function_and_agent__see_what_their_seat_is_told() -> None:
    match = Match(spiel_game("kuhn_poker"))
    match.start(np.random.default_rng(0))
    heard: list[tuple[str, dict[str, Any]]] = []

    def speaker(observation: str, told: dict[str, Any]) -> str:
        heard.append((observation, told))
        return "bet"

    rng = np.random.default_rng(0)
    assert make_player(speaker, match.game).speak(match, 0, rng) == "bet"
    assert heard[0][0] == match.observation(0) and heard[0][1]["admissible_actions"] == ("pass", "bet")
    assert make_player("agent:random", match.game).speak(match, 0, rng) in ("pass", "bet")
