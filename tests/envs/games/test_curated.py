"""Curated games: their words, their renderers, their experts."""

from __future__ import annotations

import re

import numpy as np
import pytest

from envs.games.protocol import IllegalMoveError
from tests.envs.games.plays import CURATED, random_play, spiel_game

pytest.importorskip("pyspiel", reason="needs open_spiel")


@pytest.mark.parametrize("name", CURATED)
def test_words__are_parsed_in_every_form_in_a_thousand_states(name: str) -> None:
    """Every legal action of the states is accepted as it stands and in an answer tag; nonsense is not."""
    game, states, seed = spiel_game(name), 0, 0
    most = 100 if name == "chess" else 1000
    while states < most:
        for state in random_play(game, seed, 60):
            for seat in state.actors():
                states += 1
                for action in state.legal(seat):
                    assert state.parse(seat, action) == action
                assert state.parse(seat, f"<answer> {action} </answer>") == action
                with pytest.raises(IllegalMoveError):
                    state.parse(seat, f"{action} {action}")
        seed += 1


@pytest.mark.parametrize("name", [name for name in CURATED if name != "chess"])
def test_words__do_not_collide_when_folded(name: str) -> None:
    game = spiel_game(name)
    for seed in range(20):
        for state in random_play(game, seed, 40):
            for seat in state.actors():
                assert len(
                    {re.sub(r"[<>()\[\] ]", "", word).casefold() for word in state.words(seat)}
                ) == len(state.words(seat))


@pytest.mark.parametrize("name", CURATED)
def test_rules__are_told_in_words_and_name_an_action(name: str) -> None:
    game = spiel_game(name)
    assert 200 < len(game.rules) < 1200
    words = {
        word for state in random_play(game, 0, 30) for seat in state.actors() for word in state.legal(seat)
    }
    stem = {re.sub(r"[\d.]", "", word).casefold() for word in words}
    told = re.sub(r"[\d.]", "", game.rules).casefold()
    assert any(word in told for word in stem)


@pytest.mark.parametrize("name", CURATED)
def test_expert__is_legal_and_looks_at_its_own_generator_alone(name: str) -> None:
    game = spiel_game(name)
    for state in random_play(game, 1, 20):
        for seat in state.actors():
            said = [game.expert(state, seat, np.random.default_rng(5)) for _ in range(2)]
            assert said[0] == said[1] and said[0] in state.legal(seat)


def test_kuhn_poker__shows_the_own_card_and_no_other() -> None:
    game, dealt = spiel_game("kuhn_poker"), set()
    for seed in range(30):
        state = game.new_state(np.random.default_rng(seed))
        cards = ["JQK"[number] for number in state.spiel.history()]
        for seat in (0, 1):
            assert state.render(seat) == f"Game state: your card is {cards[seat]}.\nHistory: nothing yet"
        dealt.add(tuple(cards))
    assert len(dealt) == 6


def test_leduc_poker__deals_the_real_distribution() -> None:
    """Three equal ranks cannot be; a pair in the first two cards has 3 x 1/15, two ranks 6 x 2/15."""
    game = spiel_game("leduc_poker")
    pairs = 0
    for seed in range(3000):
        state = game.new_state(np.random.default_rng(seed))
        one, other = state.spiel.history()
        pairs += one == other
    assert pairs / 3000 == pytest.approx(0.2, abs=0.025)


def test_leduc_poker__tells_chips_and_public_card() -> None:
    game = spiel_game("leduc_poker")
    state = game.new_state(np.random.default_rng(1))
    for seat, word in ((0, "raise"), (1, "call")):
        state.apply({seat: word})
    cards = r"your card is [JQK]; the public card is [JQK]"
    chips = r"chips put in: you 3, player 1 3\."
    told = rf"Game state: round 2; {cards}; {chips}\nHistory: you raise, player 1 call"
    assert re.fullmatch(told, state.render(0))


def test_holdem__small_blind_acts_first_before_the_flop_and_big_blind_after() -> None:
    state = spiel_game("limit_holdem").new_state(np.random.default_rng(2))
    assert state.actors() == (1,) and "chips put in: you 1, other 2" in state.render(1)
    for seat in (1, 0):
        state.apply({seat: "call"})
    assert state.actors() == (0,) and state.render(0).startswith("Game state: flop; your cards are ")
    assert len(re.findall(r"\b[2-9TJQKA][shdc]\b", state.render(0))) == 5


def test_no_limit_holdem__raises_to_the_stack() -> None:
    state = spiel_game("no_limit_holdem", {"stack": 6}).new_state(np.random.default_rng(2))
    assert state.legal(1) == ("fold", "call", "raise to 4", "raise to 5", "raise to 6")


def test_bargaining__an_offer_says_what_its_maker_keeps() -> None:
    game = spiel_game("bargaining")
    state = game.new_state(np.random.default_rng(0))
    everything = state.legal(0)[-1]
    state.apply({0: everything})
    state.apply({1: "agree"})
    assert state.returns() == (10.0, 0.0)


def test_hanabi__shows_the_hands_of_others_and_what_was_told() -> None:
    game = spiel_game("hanabi", {"preset": "mini"})
    state = game.new_state(np.random.default_rng(3))
    hint = next(word for word in state.legal(0) if "rank" in word)
    rank = hint[-1]
    state.apply({0: hint})
    own = next(line for line in state.render(1).splitlines() if line.startswith("Your hand"))
    assert f"told X{rank}, may be RY{rank}" in own
    assert not re.search(r"card \d [RY]\d", own)
    assert re.search(r"card \d [RY]\d", state.render(1).split("Hand of player 0 (+1)")[1])
    assert state.render(1).endswith(f"History: player 0 {hint}")


@pytest.mark.parametrize(
    ("params", "mean"),
    [({"preset": "mini"}, 1.45), ({"preset": "simple"}, 1.57), ({"preset": "full_small"}, 1.2), ({}, 0.0)],
)
def test_hanabi__random_play_scores_as_known(params: dict[str, str], mean: float) -> None:
    game = spiel_game("hanabi", params)
    scores = []
    for seed in range(500 if params else 50):
        *_, end = random_play(game, seed)
        scores.append(end.returns()[0])
    assert np.mean(scores) == pytest.approx(mean, abs=0.2)


def test_hanabi__expert_scores_more_than_chance() -> None:
    game, scores = spiel_game("hanabi"), []
    for seed in range(20):
        state = game.new_state(np.random.default_rng(seed))
        while state.actors():
            seat = state.actors()[0]
            state.apply({seat: game.expert(state, seat, np.random.default_rng(0))})
        scores.append(state.returns()[0])
    assert np.mean(scores) > 12.0


def test_prisoners_dilemma__pays_the_matrix_and_remembers() -> None:
    state = spiel_game("prisoners_dilemma", {"rounds": 3}).new_state(np.random.default_rng(0))
    for moves in (("cooperate", "cooperate"), ("cooperate", "defect"), ("defect", "defect")):
        state.apply(dict(enumerate(moves)))
    assert state.returns() == (6.0, 16.0) and not state.actors()
    assert "History: you cooperate, other cooperate; you cooperate, other defect" in state.render(0)
