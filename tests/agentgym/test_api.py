"""`TextEnv`: constructor arguments, the order of calls, snapshots; the check covers the rest."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from agentgym import Info, TextEnv, make_env
from agentgym.errors import ArgumentError, DataError, EpisodeOverError, UnknownNameError
from tests.toys import TOY_ID, CorridorEnv


@pytest.mark.parametrize("wrong", [0, -1, 2.5, True, "30", None])
def test_constructor__bad_max_steps_says_what_to_pass(wrong: Any) -> None:
    message = (
        f"`max_steps` is {wrong!r} in CorridorEnv. It must be an integer of at least 1. Pass max_steps=30"
    )
    with pytest.raises(ArgumentError, match=re.escape(message)):
        CorridorEnv(max_steps=wrong)


def test_constructor__unknown_split_is_suggested() -> None:
    with pytest.raises(UnknownNameError, match=r"no split named 'tests'\. Did you mean 'test'\?"):
        CorridorEnv(split="tests")


def test_constructor__unknown_render_mode_lists_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"no render mode named 'human'\. Known: ansi"):
        CorridorEnv(render_mode="human")


def test_constructor__message_names_the_class_where_there_is_no_id() -> None:
    assert CorridorEnv().name == "CorridorEnv"
    assert make_env(TOY_ID).name == TOY_ID


def test_text_env__is_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        TextEnv()  # type: ignore[abstract]


def test_step__before_reset_says_what_to_do() -> None:
    with pytest.raises(EpisodeOverError, match=r"CorridorEnv has no running episode\. Call reset\(\)"):
        CorridorEnv().step("wait")


def test_step__counts_invalid_actions() -> None:
    env = CorridorEnv(max_steps=3)
    env.reset(seed=0)
    assert [env.step(action)[3] for action in ("", "dance", "wait")] == [False, False, True]


def test_step__terminates_rather_than_truncates_on_the_last_step() -> None:
    env = CorridorEnv(max_steps=1, wind=0.0)
    env.reset(seed=0, options={"task": "train/1-west"})
    _, reward, terminated, truncated, info = env.step("go west")
    assert (reward, terminated, truncated, info["success"]) == (1.0, True, False, True)


def test_step__too_long_action_costs_a_turn() -> None:
    env = CorridorEnv(max_steps=2)
    env.reset(seed=0)
    observation, _, _, _, info = env.step("x" * ((1 << 20) + 1))
    assert observation.startswith("Nothing happens")
    assert info["action_valid"] is False
    assert env.step("")[3] is True


def test_reset__seed_decides_the_task() -> None:
    env = CorridorEnv()
    tasks = [env.reset(seed=seed)[1]["task_id"] for seed in range(10)]
    assert tasks == [env.reset(seed=seed)[1]["task_id"] for seed in range(10)]
    assert len(set(tasks)) > 3


def test_reset__split_decides_where_tasks_come_from() -> None:
    env = CorridorEnv(split="test")
    assert {env.reset(seed=seed)[1]["split"] for seed in range(10)} == {"test"}


def test_reset__task_of_another_split_names_its_split() -> None:
    info = CorridorEnv().reset(options={"task": "validation/2-west"})[1]
    assert (info["task_id"], info["split"]) == ("validation/2-west", "validation")


@pytest.mark.parametrize("task", ["train/99-east", 7, ["train/1-east"], {"a": 1}])
def test_reset__unknown_task_keeps_the_running_episode(task: Any) -> None:
    env = CorridorEnv()
    env.reset(seed=0)
    before = env.snapshot()
    with pytest.raises(UnknownNameError, match="There is no task named"):
        env.reset(seed=1, options={"task": task})
    assert env.snapshot() == before


def test_reset__unknown_option_is_suggested() -> None:
    with pytest.raises(UnknownNameError, match=r"no reset option named 'tasks'\. Did you mean 'task'\?"):
        CorridorEnv().reset(options={"tasks": "train/1-east"})


def test_reset__does_not_change_the_options_it_is_given() -> None:
    options = {"task": "train/1-east"}
    CorridorEnv().reset(options=options)
    assert options == {"task": "train/1-east"}


def test_info__has_the_keys_of_the_contract() -> None:
    assert set(CorridorEnv().reset(seed=0)[1]) == set(Info.__annotations__)


def test_snapshot__before_reset_says_what_to_do() -> None:
    with pytest.raises(EpisodeOverError, match=r"no episode to freeze\. Call reset\(\) first"):
        CorridorEnv().snapshot()


def test_snapshot__of_an_ended_episode_stays_ended() -> None:
    env = CorridorEnv(max_steps=1)
    env.reset(seed=0)
    env.step("wait")
    twin = CorridorEnv(max_steps=1)
    twin.restore(env.snapshot())
    with pytest.raises(EpisodeOverError):
        twin.step("wait")


def test_snapshot__keeps_the_count_of_steps() -> None:
    env = CorridorEnv(max_steps=3)
    env.reset(seed=0)
    env.step("wait")
    twin = CorridorEnv(max_steps=3)
    twin.restore(env.snapshot())
    assert [twin.step("wait")[3] for _ in range(2)] == [False, True]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"env": "SokobanEnv"}, "it was made by SokobanEnv"),
        ({"steps": -1}, "it counts -1 steps"),
        ({"steps": True}, "its 'steps' is a bool, not a int"),
        ({"over": 0}, "its 'over' is a int, not a bool"),
        ({"task": "test/1-east"}, "there is no task 'test/1-east' in a split 'train'"),
        ({"split": "moon"}, "in a split 'moon'"),
        ({"state": {"cell": 99}}, "cell 99 is not in a corridor of 7"),
        ({"state": None}, "NoneType"),
        ({"chance": {"bit_generator": "MT19937"}}, "PCG64"),
    ],
)
def test_restore__names_what_is_wrong(change: dict[str, Any], told: str) -> None:
    env = CorridorEnv()
    env.reset(options={"task": "train/1-east"})
    before = env.snapshot()
    with pytest.raises(DataError, match=r"no snapshot of CorridorEnv: .*" + re.escape(told)):
        env.restore(json.dumps({**json.loads(before), **change}).encode())
    assert env.snapshot() == before


def test_restore__names_what_is_missing() -> None:
    with pytest.raises(DataError, match="it lacks chance, env, over, split, state, steps, task, valid"):
        CorridorEnv().restore(b"{}")
