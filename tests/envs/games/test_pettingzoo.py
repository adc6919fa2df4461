"""The PettingZoo views: PettingZoo's own checks, and what they do not check."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pettingzoo
import pytest
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test
from pettingzoo.utils.conversions import aec_to_parallel, turn_based_aec_to_parallel

import agentgym
from agentgym.errors import ArgumentError, UnknownNameError
from tests.envs.games.plays import CURATED, SIMULTANEOUS

pytest.importorskip("pyspiel", reason="needs open_spiel")

_EXPECTED = (
    "Observation is not a NumPy array",
    "Observation space for each agent probably should be",
    "Action space for each agent probably should be",
    "Action mask numpy array is all zeros",
    "Observation numpy array is all zeros",
    "The observation contains negative numbers",
)
_NUMERIC = ("tic_tac_toe", "leduc_poker", "hanabi_mini", "goofspiel", "limit_holdem")


@contextmanager
def _only_expected_warnings() -> Iterator[None]:
    """Texts and dictionaries are no arrays, and PettingZoo warns of it; nothing else may be said."""
    with warnings.catch_warnings():
        for message in _EXPECTED:
            warnings.filterwarnings("ignore", message=message)
        yield


def _maker(name: str, kind: str = "aec", **kwargs: Any) -> Callable[[], Any]:
    return lambda: pettingzoo.make(kind, f"{agentgym.registry.NAMESPACE}/{name}-v0", **kwargs)


def _play(env: Any, seed: int | None) -> list[Any]:
    """Play an episode with the first legal actions and write down what was told."""
    env.reset(seed=seed)
    told = []
    for agent in env.agent_iter():
        observation, reward, terminated, truncated, info = env.last()
        told.append((agent, observation["text"], reward, terminated, truncated, info))
        if len(told) > 60:
            break
        env.step(None if terminated or truncated else info["admissible_actions"][len(told) % 2 - 1])
    return told


@pytest.mark.parametrize("name", CURATED)
def test_aec__passes_the_checks_of_pettingzoo_in_text(name: str) -> None:
    cycles = 60 if name == "chess" else 300
    with _only_expected_warnings():
        api_test(_maker(name)(), num_cycles=cycles)
        seed_test(_maker(name), num_cycles=cycles // 4)


@pytest.mark.parametrize("name", _NUMERIC)
def test_aec__passes_the_checks_of_pettingzoo_in_numbers(name: str) -> None:
    with _only_expected_warnings():
        api_test(_maker(name, numeric=True)(), num_cycles=200)
        seed_test(_maker(name, numeric=True), num_cycles=50)


@pytest.mark.parametrize("name", SIMULTANEOUS)
@pytest.mark.parametrize("kwargs", [{}, {"on_illegal": "lose"}, {"on_illegal": "random"}, {"numeric": True}])
def test_parallel__passes_the_checks_of_pettingzoo(name: str, kwargs: dict[str, Any]) -> None:
    with _only_expected_warnings():
        parallel_api_test(_maker(name, "parallel", **kwargs)(), num_cycles=50)
        parallel_seed_test(_maker(name, "parallel", **kwargs), num_cycles=50)


@pytest.mark.parametrize("name", [*CURATED, "negotiation", "tarok", "stones_and_gems", "backgammon"])
def test_reset__of_one_environment_twice_with_one_seed_gives_one_episode(name: str) -> None:
    env = _maker(name)()
    first = _play(env, 3)
    _play(env, None)
    assert _play(env, 3) == first
    assert [step for seed in range(5) for step in _play(env, seed)]


@pytest.mark.parametrize("name", ["kuhn_poker", "goofspiel"])
def test_reset__draws_the_deal_of_the_single_agent_view(name: str) -> None:
    single = {"kuhn_poker": "KuhnPoker-v0", "goofspiel": "Goofspiel-v0"}[name]
    env, alone = _maker(name)(), agentgym.make_env(f"agentgym/{single}")
    for seed in range(10):
        env.reset(seed=seed)
        observation, info = alone.reset(seed=seed)
        assert env.table.deal == info["task_id"] and env.observe("player_0")["text"] == observation
    env.reset(options={"task": "test/5"})
    assert env.table.deal == "test/5"
    with pytest.raises(UnknownNameError):
        env.reset(options={"task": "test/-5"})


def test_rewards__are_paid_when_the_game_is_over() -> None:
    env = _maker("kuhn_poker")()
    env.reset(seed=0)
    for action in ("bet", "pass"):
        env.step(action)
    assert env.rewards == {"player_0": 1.0, "player_1": -1.0}
    assert env.terminations == {"player_0": True, "player_1": True}
    assert env.last()[1] == 1.0


@pytest.mark.parametrize("name", CURATED)
def test_rewards__add_up_to_the_returns(name: str) -> None:
    env = _maker(name)()
    for seed in range(3):
        env.reset(seed=seed)
        gained = dict.fromkeys(env.agents, 0.0)
        for number, _ in enumerate(env.agent_iter(150)):
            *_, info = env.last()
            if env.terminations[env.agent_selection]:
                break
            legal = info["admissible_actions"]
            env.step(legal[(7 * number) % len(legal)])
            gained = {agent: total + env.rewards[agent] for agent, total in gained.items()}
        assert list(gained.values()) == pytest.approx(list(env.table.match.returns()))


def test_infos__tell_who_waits_nothing() -> None:
    env = _maker("kuhn_poker")()
    env.reset(seed=0)
    assert env.infos["player_1"] == {}
    assert env.infos["player_0"]["action_mask"] == ("pass", "bet")
    env.step("fold")
    assert env.agent_selection == "player_0"
    assert (env.infos["player_0"]["action_valid"], env.infos["player_0"]["illegal"]) == (False, 1)


def test_aec__truncates_after_max_cycles() -> None:
    env = _maker("connect_four", max_cycles=4)()
    env.reset(seed=0)
    for _ in range(4):
        env.step(env.infos[env.agent_selection]["action_mask"][0])
    assert set(env.truncations.values()) == {True} and set(env.terminations.values()) == {False}


def test_numeric_view__counts_an_illegal_number_and_masks_it() -> None:
    env = _maker("tic_tac_toe", numeric=True)()
    env.reset(seed=0)
    env.step(4)
    assert env.observe("player_1")["action_mask"].tolist() == [1, 1, 1, 1, 0, 1, 1, 1, 1]
    assert env.observe("player_0")["action_mask"].sum() == 0
    env.step(4)
    assert env.agent_selection == "player_1" and env.infos["player_1"]["illegal"] == 1


def test_parallel__keeps_what_was_said_while_another_is_asked_again() -> None:
    env = _maker("prisoners_dilemma", "parallel")()
    env.reset(seed=0)
    observations, rewards, over, _, infos = env.step({"player_0": "defect", "player_1": "hm"})
    assert set(rewards.values()) == {0.0} and not any(over.values())
    assert "Another player must act." in observations["player_0"]["text"]
    assert not infos["player_1"]["action_valid"]
    _, rewards, *_ = env.step({"player_0": "cooperate", "player_1": "cooperate"})
    assert rewards == {"player_0": 10.0, "player_1": 0.0}


@pytest.mark.parametrize("on_illegal", ["lose", "random", "retry"])
def test_conversions_of_pettingzoo__survive_illegal_moves_within_a_joint_move(on_illegal: str) -> None:
    env = aec_to_parallel(_parallelizable("prisoners_dilemma", on_illegal=on_illegal, max_retries=0))
    env.reset(seed=0)
    for _ in range(20):
        if not env.agents:
            break
        env.step({agent: "hm" if agent == "player_0" else "defect" for agent in env.agents})


def test_conversions_of_pettingzoo__play_turn_games() -> None:
    env = turn_based_aec_to_parallel(_parallelizable("tic_tac_toe"))
    env.reset(seed=0)
    while env.agents:
        legal = env.aec_env.infos[env.aec_env.agent_selection]["admissible_actions"]
        env.step(dict.fromkeys(env.agents, legal[0] if legal else None))


def _parallelizable(name: str, **kwargs: Any) -> Any:
    env = _maker(name, **kwargs)()
    env.metadata = {**env.metadata, "is_parallelizable": True}
    return env


def test_views__say_what_is_wrong() -> None:
    with pytest.raises(ArgumentError, match="take turns"):
        pettingzoo.make("parallel", "agentgym/misere-v0", params={"game": "tic_tac_toe()"})
    with pytest.raises(ArgumentError, match="no numeric view"):
        pettingzoo.make("aec", "agentgym/ultimatum-v0", numeric=True)
    with pytest.raises(UnknownNameError, match="train"):
        pettingzoo.make("aec", "agentgym/kuhn_poker-v0", split="dev")
    with pytest.raises(UnknownNameError, match="ansi"):
        pettingzoo.make("aec", "agentgym/kuhn_poker-v0", render_mode="human")
    env = _maker("kuhn_poker")()
    env.reset(seed=0)
    with pytest.raises(ArgumentError, match="An action is a str"):
        env.step(1)


def test_render__shows_what_the_selected_agent_sees() -> None:
    env = _maker("kuhn_poker", render_mode="ansi")()
    env.reset(seed=0)
    assert env.render() == env.observe("player_0")["text"]
    assert str(env) == "kuhn_poker_v0"
