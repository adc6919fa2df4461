"""The environment: contract, choice of games, rewards, phrases, reasons, snapshots, threads, processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import agentgym  # registers the environments
from agentgym.errors import ArgumentError, DataError, UnknownNameError
from agentgym.testing import check_text_env
from envs.alfworld.env import ALFWorldEnv
from envs.alfworld.goal import TASK_TYPES
from tests.envs.alfworld.houses import CLEAN_APPLE, PLACE_APPLE, record, write_game

ID = "agentgym/ALFWorld-v0"
SIMPLE = "pick_and_place_simple-Apple-None-CounterTop-1/trial_1"
CLEAN = "pick_clean_then_place_in_recep-Apple-None-CounterTop-1/trial_2"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    write_game(tmp_path, SIMPLE, record(PLACE_APPLE))
    write_game(tmp_path, CLEAN, record(CLEAN_APPLE, task="put a clean apple in countertop."))
    return tmp_path


def _at(house: Path, task: str = SIMPLE, **kwargs: Any) -> ALFWorldEnv:
    env = ALFWorldEnv(data=house, split="valid_seen", **kwargs)
    env.reset(seed=0, options={"task": task})
    return env


def _walk(env: ALFWorldEnv, *actions: str) -> list[tuple[str, float, bool, bool, dict[str, Any]]]:
    return [env.step(action) for action in actions]


def test_id__passes_gymnasium_and_the_conformance_check() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(ID, games="generated").unwrapped)
    check_text_env(ID, env_kwargs={"games": "generated"}, resets=3_000)


@pytest.mark.parametrize(
    "kwargs", [{"expert": "observing", "max_steps": 100}, {"difficulty": "easy", "explain": True}]
)
def test_id__keeps_the_contract_with_other_arguments(kwargs: dict[str, Any]) -> None:
    kwargs = {"games": "generated", **kwargs}
    check_text_env(ID, env_kwargs=kwargs, episodes=2, resets=1, processes=False)


def test_step__of_a_whole_game(house: Path) -> None:
    env = _at(house)
    results = _walk(env, "go to sink 1", "take apple 2 from sink 1", "go to countertop 1")
    assert [result[1] for result in results] == [0.0] * 3
    assert results[1][4]["extra"] == {"task_type": "pick_and_place_simple", "reason": ""}
    observation, reward, terminated, truncated, info = env.step("move apple 2 to countertop 1")
    assert observation == "You move the apple 2 to the countertop 1."
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert (info["success"], info["score"], info["progress"]) == (True, 1.0, 1.0)
    assert info["instruction"] == "put an apple in countertop."


def test_reward__may_follow_progress(house: Path) -> None:
    env = _at(house, reward="progress")
    actions = (
        "go to sink 1",
        "go to fridge 1",
        "go to sink 1",
        "take apple 2 from sink 1",
        "go to countertop 1",
    )
    rewards = [result[1] for result in _walk(env, *actions, "move apple 2 to countertop 1")]
    assert rewards == pytest.approx([0.25, -0.25, 0.25, 0.25, 0.25, 0.25])


def test_reward__may_punish_what_did_nothing(house: Path) -> None:
    env = _at(house, invalid_reward=-0.1)
    assert [result[1] for result in _walk(env, "open fridge 1", "look")] == [-0.1, 0.0]
    with pytest.raises(ArgumentError, match="invalid_reward"):
        ALFWorldEnv(data=house, invalid_reward=float("nan"))


@pytest.mark.parametrize(
    "action",
    [
        "put apple 2 in/on countertop 1",
        "put apple 2 in countertop 1",
        "put apple 2 on countertop 1",
        "  MOVE   apple 2 to\tCounterTop 1 ",
    ],
)
def test_action__of_the_old_syntax_is_understood(house: Path, action: str) -> None:
    env = _at(house)
    _walk(env, "go to sink 1", "take apple 2 from sink 1", "go to countertop 1")
    assert env.step(action)[2]


def test_action__that_is_not_admissible_says_why_beside_the_observation(house: Path) -> None:
    env = _at(house)
    observation, _, _, _, info = env.step("open fridge 1")
    assert (observation, info["action_valid"]) == ("Nothing happens.", False)
    assert "fridge 1" in info["extra"]["reason"]
    explaining = _at(house, explain=True)
    explained = explaining.step("open fridge 1")
    assert explained[0] == f"Nothing happens. {info['extra']['reason']}"
    assert explaining.step("go to fridge 1")[4]["extra"]["reason"] == ""


def test_end__of_the_steps_is_no_success(house: Path) -> None:
    env = _at(house, max_steps=2)
    _, last = _walk(env, "look", "look")
    assert (last[2], last[3], last[4]["success"]) == (False, True, False)


def test_tasks__are_chosen_by_type_and_by_name(house: Path) -> None:
    env = ALFWorldEnv(data=house, split="valid_seen", task_types="pick_clean_then_place_in_recep")
    assert list(env.tasks("valid_seen")) == [CLEAN]
    assert env.reset(seed=5)[1]["task_id"] == CLEAN
    with pytest.raises(UnknownNameError):
        env.reset(options={"task": SIMPLE})
    generated = ALFWorldEnv(games="generated", task_types=["look_at_obj_in_light"])
    assert {generated.reset(seed=s)[1]["extra"]["task_type"] for s in range(5)} == {"look_at_obj_in_light"}


def test_kind_of__is_the_type_of_task() -> None:
    assert ALFWorldEnv.kind_of(CLEAN) == "pick_clean_then_place_in_recep"
    assert ALFWorldEnv.kind_of("valid_unseen/pick_two_obj_and_place/7") == "pick_two_obj_and_place"
    assert ALFWorldEnv.kind_of("movable-x/trial") == ""


def test_tasks__of_all_types_are_drawn() -> None:
    env = ALFWorldEnv(games="generated", difficulty="easy")
    drawn = {env.reset(seed=seed)[1]["extra"]["task_type"] for seed in range(60)}
    assert drawn == set(TASK_TYPES)


def test_data__comes_from_the_variables_of_alfworld_and_of_the_suite(
    house: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AGENTGYM_DATA", raising=False)
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    assert len(ALFWorldEnv(split="valid_seen").tasks("valid_seen")) > 1000
    monkeypatch.setenv("ALFWORLD_DATA", str(house))
    assert set(ALFWorldEnv(split="valid_seen").tasks("valid_seen")) == {SIMPLE, CLEAN}
    assert len(ALFWorldEnv(games="generated").tasks("train")) > 1000
    monkeypatch.delenv("ALFWORLD_DATA")
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "alfworld").symlink_to(house)
    monkeypatch.setenv("AGENTGYM_DATA", str(tmp_path / "all"))
    assert set(ALFWorldEnv(split="valid_seen").tasks("valid_seen")) == {SIMPLE, CLEAN}


def test_construction__names_what_is_wrong(
    house: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AGENTGYM_DATA", raising=False)
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    with pytest.raises(UnknownNameError, match="native"):
        ALFWorldEnv(backend="nativ")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="pick_and_place_simple"):
        ALFWorldEnv(task_types=["pick_and_place"])
    with pytest.raises(UnknownNameError, match="generated"):
        ALFWorldEnv(games="generate")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="empty"):
        ALFWorldEnv(task_types=[])
    with pytest.raises(ArgumentError, match="reads no files"):
        ALFWorldEnv(games="generated", data=house)
    with pytest.raises(ArgumentError, match="no folder of official games"):
        ALFWorldEnv(games="official")
    with pytest.raises(DataError, match="holds no ALFWorld games"):
        ALFWorldEnv(data=tmp_path / "missing")
    with pytest.raises(DataError, match="split 'train'"):
        ALFWorldEnv(data=house).reset(seed=0)


def test_game__that_is_broken_leaves_the_others_usable(house: Path) -> None:
    path = write_game(house, SIMPLE.replace("trial_1", "trial_0"), "{")
    env = ALFWorldEnv(data=house, split="valid_seen")
    with pytest.raises(DataError, match="trial_0"):
        env.reset(options={"task": str(path.parent.relative_to(house / "json_2.1.1" / "valid_seen"))})
    assert env.reset(options={"task": CLEAN})[1]["task_id"] == CLEAN


@pytest.mark.parametrize("expert", ["oracle", "observing"])
def test_snapshot__continues_alike_in_another_instance(expert: Any) -> None:
    env, other = (ALFWorldEnv(games="generated", expert=expert, max_steps=100) for _ in range(2))
    env.reset(seed=4)
    for _ in range(3):
        env.step(env.oracle_action())
    other.restore(env.snapshot())
    for _ in range(60):
        action = env.oracle_action()
        assert other.oracle_action() == action
        mine, theirs = env.step(action), other.step(action)
        assert mine == theirs
        if mine[2]:
            break
    assert mine[4]["success"]


@pytest.mark.parametrize(
    "change",
    [
        {"backend": {}},
        {"backend": None},
        {"reason": 3},
        {"expert": {"x": 1}},
        {"backend": {"location": 10**9}},
    ],
)
def test_restore__refuses_what_is_no_snapshot_and_keeps_the_episode(change: dict[str, Any]) -> None:
    env = ALFWorldEnv(games="generated")
    env.reset(seed=1)
    before = env.snapshot()
    frozen = json.loads(before)
    frozen["state"] |= change
    with pytest.raises(DataError):
        env.restore(json.dumps(frozen).encode())
    assert env.snapshot() == before


def test_render__shows_the_whole_house(house: Path) -> None:
    env = _at(house, render_mode="ansi")
    env.step("go to countertop 1")
    assert env.render() == (
        "> countertop 1: desklamp 1, plate 1\n> drawer 1 (closed): knife 1\n"
        "  fridge 1 (closed): apple 1 (cool)\n  microwave 1 (closed): -\n"
        "  sink 1: apple 2\n  sinkbasin 1: apple 2\nYou hold nothing."
    )


def test_instances__in_threads_share_nothing() -> None:
    def play(seed: int) -> list[str]:
        env = ALFWorldEnv(games="generated", difficulty="easy")
        seen = [env.reset(seed=seed % 4)[0]]
        for _ in range(30):
            observation, _, terminated, _, _ = env.step(env.oracle_action())
            seen.append(observation)
            if terminated:
                break
        return seen

    alone = [play(seed) for seed in range(4)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(play, range(32)))
    assert together == [alone[seed % 4] for seed in range(32)]


def test_episode__is_the_same_in_every_process() -> None:
    script = (
        "import agentgym, gymnasium, sys\n"
        f"env = gymnasium.make({ID!r}, games='generated').unwrapped\n"
        "print(env.reset(seed=7))\n"
        "while not env._over:\n"
        "    print(env.step(env.oracle_action()))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1
    assert "True" in outputs.pop()


def test_group__shares_start_and_chance() -> None:
    group = agentgym.make_group(ID, 3, seed=2, games="generated")
    assert len({member.reset()[0] for member in group}) == 1


@pytest.mark.data
def test_oracle__wins_every_official_game(data_root: Path) -> None:
    for split in ("train", "valid_seen"):
        env = ALFWorldEnv(data=data_root / "alfworld", split=split)
        for task in env.tasks(split):
            env.reset(options={"task": task})
            while not env._over:
                _, _, terminated, _, _ = env.step(env.oracle_action())
            assert terminated, task
