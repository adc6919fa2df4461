"""The single-agent view: contract, opponents, deals, forfeits, records of several seats."""

from __future__ import annotations

import json
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import agentgym
from agentgym.errors import ArgumentError, DataError, EpisodeOverError, UnknownNameError
from agentgym.replay import replay
from agentgym.rollout import Episode, collect
from agentgym.testing import check_text_env
from agentgym.trajectory import Decision, Turn
from envs.games.deals import chance_of
from envs.games.env import GameEnv
from envs.games.match import Match
from tests.envs.games.plays import SINGLE

pytest.importorskip("pyspiel", reason="needs open_spiel")


def _env(name: str, **kwargs: Any) -> GameEnv:
    env = agentgym.make_env(f"agentgym/{name}", **kwargs)
    assert isinstance(env, GameEnv)
    return env


def _episode(env: GameEnv, seed: int) -> list[Any]:
    """Play the first legal action to the end; write down what was told."""
    observation, info = env.reset(seed=seed)
    told: list[Any] = [(observation, info)]
    over = False
    while not over:
        frame = env.step(info["admissible_actions"][0])
        told.append(frame)
        info, over = frame[4], frame[2] or frame[3]
    return told


@pytest.mark.parametrize("name", [*SINGLE, pytest.param("Chess-v0", marks=pytest.mark.slow)])
def test_ids__pass_gymnasium_and_the_conformance_check(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(f"agentgym/{name}").unwrapped)
    slow = name == "Chess-v0"
    check_text_env(
        f"agentgym/{name}", episodes=1 if slow else 3, resets=200 if slow else 1000, processes=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["TicTacToe-v0", "LeducPoker-v0"])
def test_ids__pass_the_conformance_check_across_processes(name: str) -> None:
    check_text_env(f"agentgym/{name}", resets=2000, env_kwargs={"seat": "random"})


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("TicTacToe-v0", {"opponent": "minimax", "seat": 1}),
        ("ConnectFour-v0", {"opponent": "mcts:30:1", "seat": "random"}),
        ("KuhnPoker-v0", {"opponent": "nash", "seat": "random"}),
        ("KuhnPoker-v0", {"params": {"players": 3}, "seat": 1, "opponent": ["random", "first"]}),
        ("LeducPoker-v0", {"opponent": "ismcts:20", "seat": 1}),
        ("LimitHoldem-v0", {"seat": 1, "opponent": "expert"}),
        ("Goofspiel-v0", {"opponent": "agent:random", "seat": 1}),
        ("TicTacToe-v0", {"show_legal": False, "opponent": "first"}),
    ],
    ids=range(8),
)
def test_opponents__keep_the_contract(name: str, kwargs: dict[str, Any]) -> None:
    check_text_env(f"agentgym/{name}", episodes=3, resets=100, processes=False, env_kwargs=kwargs)


def test_step__pays_what_the_seat_gets_until_it_acts_again() -> None:
    env = _env("KuhnPoker-v0", opponent="first")
    for seed in range(6):
        env.reset(seed=seed)
        observation, reward, terminated, truncated, info = env.step("bet")  # player 1 passes
        assert (reward, terminated, truncated, info["success"]) == (1.0, True, False, True)
        assert info["score"] == pytest.approx(0.75) and info["extra"]["returns"] == 1.0
        assert "The game is over. Your return is 1." in observation


def test_reset__deals_by_number_whatever_the_opponent_does() -> None:
    envs = [_env("LeducPoker-v0", opponent=spec, seat=1) for spec in ("random", "first", "expert")]
    for number in range(10):
        hands = set()
        for env in envs:
            env.reset(seed=number + 50, options={"task": f"test/{number}"})
            hands.add(tuple(env.match.state.save()["history"][:2]))
        assert len(hands) == 1


def test_reset__seed_decides_what_the_opponent_does() -> None:
    env = _env("TicTacToe-v0", seat=1)
    first = _episode(env, 4)
    assert _episode(env, 4) == first
    starts = {env.reset(seed=seed, options={"task": "train/0"})[0] for seed in range(20)}
    assert len(starts) > 3
    tasks = {env.reset(seed=0, options={"task": f"train/{k}"})[0] for k in range(20)}
    assert len(tasks) > 3


def test_reset__draws_the_seat_when_asked_to() -> None:
    env = _env("KuhnPoker-v0", seat="random")
    assert {env.reset(seed=seed)[1]["extra"]["seat"] for seed in range(20)} == {0, 1}


def test_group__shares_the_deal_and_the_opponents_chance() -> None:
    members = agentgym.make_group("agentgym/LeducPoker-v0", 3, seed=5, seat=1)
    for _ in range(4):
        assert len({str(member.reset()) for member in members}) == 1
        assert len({str(member.step("call")) for member in members}) == 1


def test_splits__have_different_deals() -> None:
    dealt = [
        _env("LimitHoldem-v0").reset(options={"task": f"{s}/0"})[0] for s in ("train", "validation", "test")
    ]
    assert len(set(dealt)) == 3


def test_illegal_moves__cost_a_step_and_in_the_end_the_game() -> None:
    env = _env("KuhnPoker-v0", max_steps=3)
    env.reset(seed=0)
    key = env._info()["state_key"]
    for _ in range(2):
        observation, reward, terminated, truncated, info = env.step("fold")
        assert observation.startswith("'fold' is not a legal action. Try again.")
        assert (reward, terminated, truncated, info["action_valid"]) == (0.0, False, False, False)
        assert info["state_key"] == key
    *_, reward, terminated, truncated, info = env.step("fold")
    assert (reward, terminated, truncated) == (-2.0, False, True)
    assert info["extra"]["illegal"] == 3 and info["score"] == 0.0


def test_illegal_moves__steps_that_run_out_after_a_late_legal_move_forfeit_too() -> None:
    env = _env("TicTacToe-v0", max_steps=2)
    env.reset(seed=0)
    env.step("?")
    _, reward, _, truncated, _ = env.step("x(0,0)")
    assert (reward, truncated) == (-1.0, True)


def test_truncation__without_illegal_moves_is_no_forfeit() -> None:
    env = _env("TicTacToe-v0", max_steps=1)
    env.reset(seed=0)
    assert env.step("x(0,0)")[1:4] == (0.0, False, True)


@pytest.mark.parametrize(
    ("kwargs", "reward", "terminated"),
    [
        ({"on_illegal": "lose"}, -1.0, True),
        ({"max_retries": 0}, -1.0, True),
        ({"on_illegal": "random"}, 0.0, False),
    ],
)
def test_illegal_moves__are_treated_as_asked(kwargs: dict[str, Any], reward: float, terminated: bool) -> None:
    env = _env("TicTacToe-v0", **kwargs)
    env.reset(seed=0)
    _, paid, over, _, info = env.step("?")
    assert (paid, over, info["action_valid"]) == (reward, terminated, False)


def test_game_that_is_over_before_our_turn__takes_one_formal_step() -> None:
    env = _env("LimitHoldem-v0", opponent=lambda observation, told: "fold", seat=0)
    observation, info = env.reset(seed=0)
    assert "The game is over" in observation and info["admissible_actions"] == ("continue",)
    assert not info["success"] and env.oracle_action() == "continue"
    twin = _env("LimitHoldem-v0", seat=0)
    twin.restore(env.snapshot())
    assert env.step("call")[4]["action_valid"] is False
    for each in (env, twin):
        _, reward, terminated, _, info = each.step("continue")
        assert (reward, terminated, info["success"]) == (1.0, True, True)
    with pytest.raises(EpisodeOverError):
        env.oracle_action()


def test_self__asks_the_policy_that_was_set() -> None:
    env = _env("TicTacToe-v0", opponent="self")
    env.reset(seed=0)
    with pytest.raises(ArgumentError, match="self_policy"):
        env.step("x(0,0)")
    env.self_policy = lambda observation, told: str(told["admissible_actions"][-1])
    env.reset(seed=0)
    observation = env.step("x(0,0)")[0]
    assert "2  . . o" in observation
    assert env.opponents == ("self@v1",)


class _Habit:
    """Says now and then something illegal; every seat says something of its own."""

    spec = "habit"
    wants_oracle = False

    def act(self, turns: Any) -> list[Decision]:
        return [Decision(self._say(turn)) for turn in turns]

    def _say(self, turn: Turn) -> str:
        legal = turn.info["admissible_actions"]
        return "hm" if turn.index == 1 and not turn.history[-1].valid else str(legal[turn.index % len(legal)])


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("KuhnPoker-v0", (["pass", "bet"], ["?", "bet"])),
        ("TicTacToe-v0", (["x(0,0)", "bad", "x(0,1)", "x(0,2)"], ["o(1,1)", "o(2,2)"])),
        ("PrisonersDilemma-v0", (["defect"] * 10, ["hm", *["cooperate"] * 10])),
        ("TicTacToe-v0", (["x(0,0)", "x(0,1)"], ["bad", "worse"])),
        ("LeducPoker-v0", (["raise", "call", "?", "call"], ["raise", "call", "!", "call"])),
    ],
)
def test_replay_opponent__a_seat_of_a_play_can_be_executed_alone(
    name: str, texts: tuple[list[str], list[str]]
) -> None:
    """The record of each seat, with what the other said as its opponent, gives equal texts and returns."""
    kwargs = {"max_retries": 1}
    match = Match(_env(name).match.game, max_retries=1)
    match.start(chance_of("train/3"))
    heard: list[list[str]] = [[], []]
    left = [list(said) for said in texts]
    while match.actors and left[match.actors[0]]:
        seat = match.actors[0]
        heard[seat].append(match.observation(seat))
        match.submit(seat, left[seat].pop(0))
    assert match.over
    for seat in (0, 1):
        env = _env(name, seat=seat, opponent={"replay": texts[1 - seat]}, **kwargs)
        observation, _ = env.reset(seed=9, options={"task": "train/3"})
        gained, number, over = 0.0, 0, False
        while not over:
            assert observation == heard[seat][number]
            observation, reward, over, _, info = env.step(texts[seat][number])
            gained, number = gained + reward, number + 1
        assert gained == match.returns()[seat] == info["extra"]["returns"]


def test_replay__executes_records_with_recorded_opponents_again() -> None:
    kwargs = {"seat": 0, "opponent": {"replay": ["nonsense", "bet"]}, "max_retries": 1}
    episode = Episode(0, "agentgym/KuhnPoker-v0", seed=1, task="train/3", env_kwargs=kwargs)
    (trajectory,) = collect([episode], _Habit())
    assert trajectory.error is None and replay(trajectory) is None


def test_replay_opponent__that_has_no_more_to_say_is_an_error() -> None:
    env = _env("KuhnPoker-v0", opponent={"replay": []})
    env.reset(seed=0)
    with pytest.raises(DataError, match="has 0 texts"):
        env.step("bet")


def test_state_key__is_of_the_position_where_all_is_open_and_of_the_deal_where_it_is_not() -> None:
    env = _env("TicTacToe-v0", opponent=lambda observation, told: "o(2,2)" if "o" not in observation else "")
    keys = []
    for task in ("train/1", "test/2"):
        env.reset(seed=0, options={"task": task})
        keys.append(env._info()["state_key"])
    assert keys[0] == keys[1]
    cards = _env("KuhnPoker-v0")
    told = [cards.reset(seed=0, options={"task": f"train/{k}"}) for k in range(30)]
    assert len({info["state_key"] for _, info in told}) == 30
    assert len({info["extra"]["infostate_key"] for _, info in told}) == 3
    assert len({observation for observation, _ in told}) == 3


def test_snapshot__of_another_seat_or_with_strange_parts_is_refused() -> None:
    env = _env("KuhnPoker-v0", seat=1)
    env.reset(seed=0)
    frozen = json.loads(env.snapshot())
    with pytest.raises(DataError, match="of seat 1"):
        _env("KuhnPoker-v0", seat=0).restore(env.snapshot())
    changes: list[dict[str, Any]] = [{"seat": 7}, {"folded": 1}, {"folded": True}, {"match": {}}]
    for change in changes:
        with pytest.raises(DataError):
            env.restore(json.dumps({**frozen, "state": {**frozen["state"], **change}}).encode())
    assert env.snapshot() == json.dumps(frozen, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("kwargs", "error", "says"),
    [
        ({"seat": 2}, ArgumentError, "0 to 1, or 'random'"),
        ({"seat": "first"}, ArgumentError, "'random'"),
        ({"opponent": ["random", "random"]}, ArgumentError, "1 other seats"),
        ({"opponent": "mcts:10"}, ArgumentError, "hidden"),
        ({"opponent": "randm"}, UnknownNameError, "Did you mean 'random'"),
        ({"opponent": "agent:nobody"}, UnknownNameError, "agent"),
        ({"params": {"cards": 3}}, ArgumentError, "does not take"),
        ({"split": "dev"}, UnknownNameError, "train"),
        ({"on_illegal": "ask"}, UnknownNameError, "treatment"),
    ],
    ids=range(9),
)
def test_constructor__says_what_is_wrong(kwargs: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        _env("KuhnPoker-v0", **kwargs)


@pytest.mark.parametrize(
    ("name", "kwargs", "least"),
    [
        ("TicTacToe-v0", {}, 0.8),
        ("TicTacToe-v0", {"seat": 1}, 0.6),
        ("ConnectFour-v0", {}, 0.9),
        ("LiarsDice-v0", {}, 0.4),
        ("Goofspiel-v0", {}, 0.4),
        ("LimitHoldem-v0", {}, 0.5),
    ],
    ids=range(6),
)
def test_oracle_action__beats_a_random_opponent(name: str, kwargs: dict[str, Any], least: float) -> None:
    env, returns = _env(name, split="test", **kwargs), []
    for seed in range(12 if name == "ConnectFour-v0" else 60):
        env.reset(seed=seed)
        over = False
        while not over:
            _, _, terminated, truncated, info = env.step(env.oracle_action())
            over = terminated or truncated
        returns.append(info["extra"]["returns"])
    assert np.mean(returns) > least


def test_import__loads_no_engine() -> None:
    import subprocess
    import sys

    code = "import sys, agentgym; print('pyspiel' in sys.modules, 'envs.games.env' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
