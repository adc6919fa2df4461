"""Matches: what illegal texts do, what a forfeit costs, what a seat is told."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from agentgym.errors import ArgumentError, DataError, UnknownNameError
from envs.games.forfeit import forfeit_returns
from envs.games.match import Match
from envs.games.registration import load_game
from tests.envs.games.plays import CURATED, spiel_game

pytest.importorskip("pyspiel", reason="needs open_spiel")


def _match(name: str, **kwargs: Any) -> Match:
    match = Match(load_game(name), **kwargs)
    match.start(np.random.default_rng(0))
    return match


def test_retry__says_why_and_forfeits_after_the_retries() -> None:
    match = _match("tic_tac_toe", max_retries=2)
    for _ in range(2):
        assert not match.submit(0, "x(5,5)")
        assert match.observation(0).startswith("'x(5,5)' is not a legal action. Try again.\nGame state:")
        assert match.actors == (0,)
    assert not match.submit(0, "hm")
    assert match.over and match.forfeited == (0,) and match.returns() == (-1.0, 1.0)
    assert match.illegal == [3, 0]
    assert "You gave no legal action and forfeited. Your return is -1." in match.observation(0)
    assert "Player 0 gave no legal action and forfeited. Your return is 1." in match.observation(1)


def test_retry__is_counted_anew_in_every_turn() -> None:
    match = _match("tic_tac_toe", max_retries=1)
    for seat, text in ((0, "?"), (0, "x(0,0)"), (1, "o(1,1)"), (0, "?"), (0, "x(0,1)")):
        match.submit(seat, text)
    assert not match.over and match.actors == (1,) and match.illegal == [2, 0]


def test_retry__without_end_never_forfeits() -> None:
    match = _match("tic_tac_toe", max_retries=None)
    key = match.state_key()
    for _ in range(30):
        match.submit(0, "?")
    assert match.actors == (0,) and match.state_key() == key


def test_lose__forfeits_at_once() -> None:
    match = _match("kuhn_poker", on_illegal="lose")
    match.submit(0, "fold")
    assert match.over and match.returns() == (-2.0, 2.0)


def test_random__plays_a_legal_action_that_depends_on_the_state_alone() -> None:
    said = []
    for _ in range(2):
        match = _match("connect_four", on_illegal="random")
        assert not match.submit(0, "?") and not match.submit(1, "!")
        assert match.illegal == [1, 1] and match.actors == (0,)
        assert "The random action 'x" in match.observation(0)
        said.append(match.observation(0))
    assert said[0] == said[1]


def test_simultaneous_moves__a_forfeit_counts_when_all_have_spoken() -> None:
    match = _match("prisoners_dilemma", on_illegal="lose")
    match.submit(0, "shrug")
    assert match.actors == (1,) and match.returns() == (0.0, 0.0)
    match.submit(1, "cooperate")
    assert match.over and match.forfeited == (0,)


def test_simultaneous_moves__nothing_is_seen_before_all_have_spoken() -> None:
    match = _match("prisoners_dilemma")
    match.submit(0, "hello?")
    before = match.observation(1), match.legal(1), match.infostate_key(1)
    match.submit(0, "defect")
    assert match.actors == (1,)
    assert (match.observation(1), match.legal(1), match.infostate_key(1)) == before
    assert "Another player must act." in match.observation(0) and match.legal(0) == ()
    match.submit(1, "cooperate")
    assert match.returns() == (10.0, 0.0)


@pytest.mark.parametrize(
    ("name", "returns", "offenders", "expected"),
    [
        ("kuhn_poker", (0.0, 0.0), {0}, (-2.0, 2.0)),
        ("kuhn_poker", (0.0, 0.0), {0, 1}, (0.0, 0.0)),
        ("prisoners_dilemma", (20.0, 10.0), {0}, (0.0, 10.0)),
        ("hanabi_mini", (3.0, 3.0), {1}, (0.0, 0.0)),
    ],
)
def test_forfeit_returns__pay_others_in_zero_sum_games_only(
    name: str, returns: tuple[float, ...], offenders: set[int], expected: tuple[float, ...]
) -> None:
    assert forfeit_returns(load_game(name).facts, returns, offenders) == expected


def test_forfeit_returns__are_shared_among_the_others() -> None:
    facts = spiel_game("kuhn_poker", {"players": 3}).facts
    assert forfeit_returns(facts, (0.0, 0.0, 0.0), {2}) == (1.0, 1.0, facts.least)


def test_submit__by_a_seat_that_is_not_to_speak_is_an_error() -> None:
    match = _match("tic_tac_toe")
    with pytest.raises(ArgumentError, match="not to speak"):
        match.submit(1, "o(1,1)")
    assert match.spoken == [0, 0]


def test_observation__tells_the_rules_until_the_seat_has_spoken() -> None:
    match = _match("kuhn_poker")
    assert match.observation(0).startswith("Kuhn poker.") and "You are player 0 of 2." in match.observation(0)
    match.submit(0, "pass")
    assert "You are player 1 of 2." in match.observation(1)
    assert match.observation(0).startswith("Game state: your card is ")


def test_observation__hides_the_list_when_asked_to() -> None:
    match = _match("kuhn_poker", show_legal=False)
    assert "Legal actions" not in match.observation(0)
    assert "as it is listed" not in match.observation(0)
    assert match.legal(0) == ("pass", "bet")


def test_observation__parts_actions_that_hold_commas_by_bars() -> None:
    match = _match("battleship")
    assert " | " in match.observation(0).splitlines()[-1]
    assert "x(0,0), x(0,1)" in _match("tic_tac_toe").observation(0)


@pytest.mark.parametrize("name", CURATED)
def test_save__continues_in_another_match(name: str) -> None:
    one, rng = _match(name), np.random.default_rng(4)
    for turn in range(6):
        if one.over:
            break
        seat = one.actors[0]
        one.submit(seat, "?" if turn == 2 else one.state.sample(seat, rng))
        two = one.twin()
        two.load(json.loads(json.dumps(one.save())))
        assert two.save() == one.save() and two.state_key() == one.state_key()
        assert [two.observation(k) for k in (0, 1)] == [one.observation(k) for k in (0, 1)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("spoken", [1]), ("spoken", [0, -1]), ("tries", ["0", 0]), ("notes", ["", 1]), ("forfeited", [7]),
        ("pending", [[0, "draw"]]), ("over", True), ("over", 1), ("game", {"history": []}),
    ],
)  # fmt: skip
def test_load__refuses_what_is_no_play(key: str, value: object) -> None:
    match = _match("kuhn_poker")
    saved = match.save()
    with pytest.raises((DataError, LookupError, TypeError, ValueError)):
        match.twin().load({**saved, key: value})


@pytest.mark.parametrize(
    ("kwargs", "error", "says"),
    [
        ({"on_illegal": "loose"}, UnknownNameError, "Did you mean 'lose'"),
        ({"max_retries": -1}, ArgumentError, "number of retries"),
        ({"max_retries": True}, ArgumentError, "number of retries"),
    ],
)
def test_match__says_what_is_wrong(kwargs: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        _match("kuhn_poker", **kwargs)
