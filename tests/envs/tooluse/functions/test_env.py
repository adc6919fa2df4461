"""The environment: contract, turns, rewards, hidden functions, faults, snapshots, estimators' columns."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import agentgym  # registers the environments
from agentgym.errors import ArgumentError, DataError, UnknownNameError
from agentgym.testing import check_text_env
from envs.tooluse.formats import FORMATS
from envs.tooluse.functions.bfcl import CATEGORIES, MULTI_TURN
from envs.tooluse.functions.env import FunctionCallingEnv
from envs.tooluse.functions.play import TURN_STEPS
from tests.envs.tooluse.functions.bfcl import bfcl_folder

ID = "agentgym/FunctionCalling-v0"
TASK = "train/TwitterAPI/0"


def _at(task: str = TASK, **kwargs: Any) -> tuple[FunctionCallingEnv, str, dict[str, Any]]:
    env = FunctionCallingEnv(**{"difficulty": "easy", "action_format": "pycall", "prompt": "none", **kwargs})
    observation, info = env.reset(seed=0, options={"task": task})
    return env, observation, info


def _finish(env: FunctionCallingEnv) -> tuple[float, dict[str, Any]]:
    """Play on as the oracle; return the sum of rewards and the last info."""
    total = 0.0
    while True:
        _, reward, terminated, truncated, info = env.step(env.oracle_action())
        total += reward
        if terminated or truncated:
            return total, info


def test_id__passes_gymnasium_and_the_conformance_check() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(ID).unwrapped)
    check_text_env(ID, resets=1_500)


def test_id__keeps_the_contract_with_other_arguments() -> None:
    kwargs = {"difficulty": "hard", "reward": "turn", "action_format": "react", "prompt": "signatures"}
    check_text_env(ID, env_kwargs=kwargs, episodes=2, resets=1, processes=False)


@pytest.mark.parametrize("action_format", FORMATS)
def test_oracle__wins_in_every_format(action_format: str) -> None:
    for number in range(8):
        env, _, _ = _at(f"train/VehicleControlAPI/{number}", difficulty="hard", action_format=action_format)
        reward, info = _finish(env)
        assert (reward, info["success"], info["score"], info["progress"]) == (1.0, True, 1.0, 1.0)


def test_doing_nothing__scores_nothing() -> None:
    env, _, _ = _at(difficulty="hard")
    for number in range(40):
        env.reset(seed=number)
        while True:
            _, reward, terminated, _, info = env.step("Done.")
            assert reward == 0.0
            if terminated:
                break
        assert info["score"] == 0.0


def test_state_key__is_the_same_whatever_the_order_of_what_only_reads() -> None:
    keys = []
    for order in (("USR001", "USR002"), ("USR002", "USR001")):
        env, _, _ = _at("train/MessageAPI/0", difficulty="normal")
        names = {id: name for name, id in env.play._session.services["MessageAPI"].user_map.items()}  # type: ignore[attr-defined]
        infos = [env.step(f"[get_user_id(user={names[id]!r})]")[4] for id in order]
        keys.append([info["state_key"] for info in infos])
    assert keys[0][0] != keys[1][0]
    assert keys[0][1] == keys[1][1]


def test_reward__of_each_turn() -> None:
    env, _, _ = _at("train/TradingBot/4", difficulty={"fewest_turns": 3, "most_turns": 3}, reward="turn")
    rewards: list[float] = []
    while env.play.turn < 2:
        rewards.append(env.step(env.oracle_action())[1])
    _, reward, terminated, _, info = env.step("I will not do the last.")
    assert sum(rewards) == pytest.approx(2 / 3)
    assert (reward, terminated, info["success"], info["score"]) == (0.0, True, False, 0.0)
    assert info["progress"] == pytest.approx(2 / 3)


def test_columns__for_estimators_come_when_they_may() -> None:
    env, _, info = _at()
    assert info["extra"]["reference_calls"] == []
    call = env.oracle_action()
    _, _, _, _, info = env.step(call)
    (made,) = info["extra"]["predicted_calls"]
    assert info["extra"]["tool_calls"] == [{"name": made[0], "arguments": made[1]}]
    assert info["extra"]["reference_calls"] == []  # an agent that reads it learns nothing of this turn
    _, _, _, _, info = env.step("Done.")
    assert info["extra"]["predicted_calls"] == []
    assert info["extra"]["reference_calls"][0] == made
    json.dumps(info["extra"]["reference_calls"])


def test_predicted_calls__are_those_of_the_last_step_alone() -> None:
    env, _, _ = _at(action_format="hermes")
    env.step(env.oracle_action())
    _, _, _, _, info = env.step("<tool_call>{broken</tool_call>")
    assert (info["action_valid"], info["extra"]["predicted_calls"]) == (False, [])


def test_reference_calls__are_whole_when_the_steps_run_out() -> None:
    kwargs = {"difficulty": {"fewest_turns": 3, "most_turns": 3}, "max_steps": 1}
    env, _, _ = _at("train/MathAPI/2", **kwargs)
    _, _, _, truncated, info = env.step(env.oracle_action())
    assert truncated
    assert len(info["extra"]["reference_calls"]) >= 3


def test_reward__of_turns_is_given_once_when_messages_run_out() -> None:
    env, _, _ = _at(
        "train/MathAPI/2", difficulty={"fewest_turns": 2, "most_turns": 2, "requests": 1}, reward="turn"
    )
    while env.play.turn < 1:
        _, reward, _, _, _ = env.step(env.oracle_action())
    assert reward == 0.5
    action = env.oracle_action()
    outcomes = [env.step(action) for _ in range(TURN_STEPS + 1)]
    assert [outcome[1] for outcome in outcomes] == [0.0] * (TURN_STEPS + 1)
    assert outcomes[-1][2]


def test_messages_with_calls__are_counted_by_turn() -> None:
    env, _, _ = _at("train/MathAPI/0")
    action = env.oracle_action()
    for _ in range(TURN_STEPS):
        assert not env.step(action)[2]
    _, reward, terminated, _, info = env.step(action)
    assert (terminated, reward, info["success"]) == (True, 0.0, False)


@pytest.mark.parametrize(
    "action",
    [
        "[no_such_function()]",
        "[follow_user()]",
        "[follow_user(username_to_follow=3)]",
        "[follow_user(username_to_follow='a', surplus=1)]",
        "[follow_user(username_to_follow=__import__('os'))]",
    ],
)
def test_fault__is_told_and_changes_nothing(action: str) -> None:
    env, _, before = _at(difficulty="normal")
    state = env.snapshot()
    observation, reward, terminated, _, info = env.step(action)
    assert (reward, terminated) == (0.0, False)
    assert info["state_key"] == before["state_key"]
    assert info["action_valid"] is False
    assert observation.startswith("Error: ")
    env.restore(state)
    assert _finish(env)[0] == 1.0


def test_hidden_function__appears_with_its_description(data_root: Path) -> None:
    env = FunctionCallingEnv(category="miss_func", data=bfcl_folder(data_root), prompt="signatures")
    _, info = env.reset(seed=0, options={"task": "multi_turn_miss_func_0"})
    names = [[tool["function"]["name"] for tool in env.tools]]
    assert "sort(" not in info["instruction"]
    while env.play.turn < 3:
        observation, _, _, _, info = env.step(env.oracle_action())
    names.append([tool["function"]["name"] for tool in env.tools])
    assert ("sort" in names[0], "sort" in names[1]) == (False, True)
    assert observation.startswith("I have updated some more functions")
    assert "sort(file_name: string)" in observation
    assert "sort(file_name: string)" in info["instruction"]
    assert _finish(env)[0] == 1.0


def test_hidden_function__called_in_vain_costs_the_turn(data_root: Path) -> None:
    env = FunctionCallingEnv(category="miss_func", data=bfcl_folder(data_root), action_format="pycall")
    env.reset(seed=0, options={"task": "multi_turn_miss_func_0"})
    while env.play.turn < 2:
        env.step(env.oracle_action())
    _, _, _, _, info = env.step("[sort('final_report.pdf')]")
    assert not info["action_valid"]
    assert _finish(env)[0] == 0.0


@pytest.mark.data
@pytest.mark.parametrize("category", CATEGORIES)
def test_bfcl__oracle_scores_one_and_silence_what_it_should(data_root: Path, category: str) -> None:
    env = FunctionCallingEnv(
        category=category, data=bfcl_folder(data_root), action_format="pycall", prompt="none"
    )
    tasks = env.tasks("test")[::4]
    floor = []
    for task in tasks:
        env.reset(seed=0, options={"task": task})
        assert _finish(env)[1]["score"] == 1.0, task
        _, info = env.reset(seed=0, options={"task": task})
        for _ in range(info["extra"]["turns"]):
            _, _, _, _, info = env.step("No.")
        floor.append(info["score"])
    assert set(floor) == ({1.0} if category == "irrelevance" else {0.0})
    assert env.kind_of(tasks[0]).startswith("multi_turn" if category in MULTI_TURN else category)


@pytest.mark.data
def test_bfcl__single_turn_answers_are_judged_at_once(data_root: Path) -> None:
    env = FunctionCallingEnv(category="parallel", data=bfcl_folder(data_root), action_format="pycall")
    _, info = env.reset(seed=0, options={"task": "parallel_0"})
    half = "[spotify.play(artist='Taylor Swift', duration=20)]"
    _, reward, terminated, _, info = env.step(half)
    assert (reward, terminated, len(info["extra"]["reference_calls"])) == (0.0, True, 2)
    env.reset(seed=0, options={"task": "parallel_0"})
    both = "[spotify.play('maroon 5', 15), spotify.play(artist='Taylor Swift', duration=20)]"
    assert env.step(both)[1:3] == (1.0, True)


def test_snapshot__goes_on_in_another_instance() -> None:
    env, _, _ = _at("train/GorillaFileSystem/3", difficulty="hard")
    for _ in range(3):
        env.step(env.oracle_action())
    other, _, _ = _at("train/MathAPI/1", difficulty="hard")
    other.restore(env.snapshot())
    assert (other.task_id, other.oracle_action()) == (env.task_id, env.oracle_action())
    assert other.tools == env.tools
    assert _finish(other) == _finish(env)


@pytest.mark.parametrize(
    "events", [3, [3], [[{"name": "ls"}]], [None] * 20, [[{"name": 1, "arguments": {}}]]]
)
def test_snapshot__with_broken_events_is_refused(events: Any) -> None:
    env, _, _ = _at()
    frozen = json.loads(env.snapshot())
    frozen["state"]["own"]["events"] = events
    with pytest.raises(DataError):
        env.restore(json.dumps(frozen).encode())
    assert _finish(env)[0] == 1.0


def test_arguments__that_cannot_be_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGENTGYM_DATA", raising=False)
    with pytest.raises(ArgumentError, match="AGENTGYM_DATA"):
        FunctionCallingEnv(category="base")
    with pytest.raises(UnknownNameError, match="official"):
        FunctionCallingEnv(reward="officials")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="services"):
        FunctionCallingEnv(category="base", data=tmp_path, services=["MathAPI"])
    with pytest.raises(UnknownNameError, match="base"):
        FunctionCallingEnv(category="bases", data=tmp_path)
    assert agentgym.registry.full_id("FunctionCalling-v0") == ID
