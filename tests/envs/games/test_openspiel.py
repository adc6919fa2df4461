"""The engine over OpenSpiel: every game, chance, rewards, saved plays, hidden information."""

from __future__ import annotations

import json
import pickle
from collections import defaultdict

import numpy as np
import pytest

from agentgym.errors import ArgumentError, DataError, UnknownNameError
from envs.games.openspiel import SpielState
from envs.games.openspiel.names import SIMULTANEOUS, TURN_BASED, WRAPPERS
from envs.games.registration import load_game
from tests.envs.games.plays import CURATED, WRAPPED, random_moves, random_play, spiel_game

pyspiel = pytest.importorskip("pyspiel", reason="needs open_spiel")

_PLAIN = (*TURN_BASED, *SIMULTANEOUS, *WRAPPERS)
_SLOW = ("bridge", "bridge_uncontested_bidding")
_TYPES = {kind.short_name: kind for kind in pyspiel.registered_games()}
_HIDDEN = [
    name
    for name in (*_PLAIN, *CURATED)
    if name not in (*_SLOW, *WRAPPERS)
    and _TYPES.get(name, _TYPES["kuhn_poker"]).information.name == "IMPERFECT_INFORMATION"
    and name not in ("prisoners_dilemma", "stag_hunt")
]


def _told(state: SpielState) -> list[tuple[str, tuple[str, ...]]]:
    return [(state.render(seat), state.legal(seat)) for seat in state.actors()]


def test_names__are_all_games_but_those_that_cannot_be_played_in_text() -> None:
    left_out = set(pyspiel.registered_names()) - {*_PLAIN, *CURATED}
    assert left_out == {
        "2048", "capture_the_flag", "chat_game", "crossword", "laser_tag", "quoridor",  # no text for a player
        "efg_game", "nfg_game",  # read from files
        "mfg_crowd_modelling", "mfg_crowd_modelling_2d", "mfg_dynamic_routing", "mfg_garnet",  # nobody sits
        "repeated_poker", "restricted_nash_response",  # made of a game and more
        "python_dynamic_routing", "python_iterated_prisoners_dilemma",
    } & set(pyspiel.registered_names())  # fmt: skip
    assert set(WRAPPERS) == set(WRAPPED)


@pytest.mark.slow
@pytest.mark.parametrize("name", (*_PLAIN, *CURATED))
def test_every_game__plays_a_random_game_to_its_end(name: str) -> None:
    game = spiel_game(name, WRAPPED.get(name))
    most = 200 if name in ("chess", "shogi", "kriegspiel") else 1000
    gained = np.zeros(game.facts.seats)
    before = np.zeros(game.facts.seats)
    turns = 0
    for state in random_play(game, 1, most):
        gained, before = gained + state.returns() - before, np.array(state.returns())
        for seat in state.actors():
            legal = state.legal(seat)
            assert len(set(legal)) == len(legal) > 0
            assert state.render(seat) == state.render(seat) and state.infostate(seat)
            assert state.parse(seat, legal[-1]) == legal[-1]
        if turns % 50 == 5:
            again = game.load_state(json.loads(json.dumps(state.save())))
            assert (_told(again), again.true_state()) == (_told(state), state.true_state())
            assert again.log == state.log
        turns += 1
    assert not state.actors() or turns > most
    assert gained == pytest.approx(state.returns())


@pytest.mark.parametrize("name", ["hanabi", "cribbage", "coop_box_pushing", "solitaire", "stones_and_gems"])
def test_rewards__are_counted_once_where_openspiel_repeats_them(name: str) -> None:
    game = spiel_game(name)
    for seed in range(3):
        total = np.zeros(game.facts.seats)
        for number, state in enumerate(random_play(game, seed)):
            if number and not state.spiel.is_initial_state():
                total += state.spiel.rewards()
        assert total == pytest.approx(state.returns())


@pytest.mark.parametrize("name", ["negotiation", "tarok", "stones_and_gems", "kuhn_poker", "leduc_poker"])
def test_new_state__depends_on_its_generator_alone(name: str) -> None:
    game = spiel_game(name)
    plays = [[_told(state) for state in random_play(game, seed, 10)] for seed in (5, 6, 5)]
    assert plays[0] == plays[2]


@pytest.mark.parametrize("name", ["negotiation", "tarok"])
def test_new_state__differs_between_seeds_where_the_game_keeps_its_own_chance(name: str) -> None:
    game = spiel_game(name)
    assert len({str(_told(next(random_play(game, seed)))) for seed in range(8)}) > 1


@pytest.mark.parametrize("name", CURATED)
def test_saved_play__goes_on_as_it_would_have(name: str) -> None:
    game, rng = spiel_game(name), np.random.default_rng(2)
    for number, state in enumerate(random_play(game, 3, 12)):
        if number not in (0, 3, 6):
            continue
        twins = [game.load_state(json.loads(json.dumps(state.save()))), pickle.loads(pickle.dumps(state))]
        original = pickle.loads(pickle.dumps(state))
        for _ in range(5):
            assert all(_told(twin) == _told(original) for twin in twins)
            moves = random_moves(original, rng)
            for each in (original, *twins):
                each.apply(moves) if moves else None


@pytest.mark.parametrize(
    "change",
    [
        {"history": [99]}, {"history": [0, 1, 0, 0, 0, 0]}, {"history": [0]}, {"history": "ab"},
        {"history": [0, 1, True]}, {"rng_seed": 3}, {"history": []},
    ],
    ids=range(7),
)  # fmt: skip
def test_load_state__refuses_what_is_no_play(change: dict[str, object]) -> None:
    game = spiel_game("kuhn_poker")
    saved = game.new_state(np.random.default_rng(0)).save()
    with pytest.raises(DataError):
        game.load_state({**saved, **change})


def test_load_state__refuses_half_a_joint_action_and_a_generator_where_there_is_no_chance() -> None:
    game = spiel_game("prisoners_dilemma")
    saved = game.new_state(np.random.default_rng(0)).save()
    with pytest.raises(DataError, match="joint"):
        game.load_state({**saved, "history": [0, 1, 0]})
    with pytest.raises(DataError, match="no chance"):
        game.load_state({**saved, "chance": np.random.PCG64(0).state})


@pytest.mark.parametrize("name", _HIDDEN)
def test_hidden_information__equal_knowledge_gives_equal_text(name: str) -> None:
    """Two histories that a seat cannot tell apart must look alike: position, history and legal actions."""
    game = spiel_game(name)
    seen: dict[tuple[int, str], set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
    true_states: dict[tuple[int, str], set[bytes]] = defaultdict(set)
    for seed in range(60 if name in CURATED else 6):
        for state in random_play(game, seed, 8):
            for seat in range(game.facts.seats):
                key = (seat, state.infostate(seat))
                seen[key].add((state.render(seat), state.legal(seat) if seat in state.actors() else ()))
                true_states[key].add(bytes(str(state.spiel), "utf-8"))
    assert all(len({text for text, _ in told}) == 1 for told in seen.values())
    assert all(len({legal for _, legal in told if legal}) <= 1 for told in seen.values())
    if name in ("kuhn_poker", "leduc_poker", "liars_dice"):
        assert any(len(states) > 1 for states in true_states.values()), "nothing was put to the test"


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("kuhn_poker", {"players": 99}, "refuses"),
        ("kuhn_poker", {"playerz": 2}, "does not take"),
        ("go", {"board_size": [9]}, "number, a truth value or a text"),
        ("misere", {"game": "efg_game(filename=/etc/passwd)"}, "no file"),
        ("goofspiel", {"points_order": "sideways"}, "refuses"),
        ("prisoners_dilemma", {"rounds": 0}, "1 to 1000"),
    ],
)
def test_load_game__says_what_is_wrong_with_a_parameter(
    name: str, params: dict[str, object], says: str
) -> None:
    with pytest.raises(ArgumentError, match=says):
        load_game(name, params)


def test_load_game__names_what_is_close() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'kuhn_poker'"):
        load_game("kuhn_pokr")
    with pytest.raises(UnknownNameError, match="mini"):
        load_game("hanabi", {"preset": "minni"})
