"""Ids, vectors and groups."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import gymnasium
import pytest
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

import agentgym
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.registry import GroupMember
from tests.toys import TOY_ID, CorridorEnv


def test_env_ids__are_sorted_and_of_this_suite() -> None:
    ids = agentgym.env_ids()
    assert TOY_ID in ids
    assert list(ids) == sorted(ids)
    assert all(env_id.startswith("agentgym/") for env_id in ids)


def test_make_env__is_bare() -> None:
    env = agentgym.make_env(TOY_ID, length=9)
    assert type(env) is CorridorEnv
    assert env.length == 9


def test_make_env__unknown_id_is_suggested() -> None:
    with pytest.raises(
        UnknownNameError, match=r"no environment named 'agentgym/ToyCoridor-v0'\. Did you mean"
    ):
        agentgym.make_env("agentgym/ToyCoridor-v0")


@pytest.mark.parametrize(
    ("env_id", "typo", "meant"),
    [
        (TOY_ID, "lenght", "length"),
        ("agentgym/MCP-v0", "max_step", "max_steps"),  # an argument of the class that it derives from
        ("agentgym/WebShopBrowser-v0", "product", "products"),
    ],
)
def test_make__unknown_argument_is_suggested(env_id: str, typo: str, meant: str) -> None:
    makers: tuple[Callable[..., Any], ...] = (agentgym.make_env, agentgym.make_vec)
    for make in makers:
        with pytest.raises(UnknownNameError, match=f"no argument of {env_id} named '{typo}'.*'{meant}'"):
            make(env_id, **{typo: 3})
    with pytest.raises(UnknownNameError, match=typo):
        agentgym.make_group(env_id, 2, 0, **{typo: 3})


def test_make_env__foreign_environment_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="is a CartPoleEnv, not a TextEnv"):
        agentgym.make_env("CartPole-v1")


def test_make__works_with_gymnasium_alone() -> None:
    code = (
        "import gymnasium, sys; assert 'agentgym' not in sys.modules;"
        "ids = ['agentgym:agentgym/SokobanSmall-v0', 'tests.toys:agentgym/ToyCorridor-v0'];"
        "print(*[type(gymnasium.make(i).reset(seed=0)[0]).__name__ for i in ids])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["str", "str"]


@pytest.mark.parametrize(
    ("mode", "kind"), [(None, SyncVectorEnv), ("sync", SyncVectorEnv), ("async", AsyncVectorEnv)]
)
def test_make_vec__makes_the_mode_asked_for(mode: str | None, kind: type) -> None:
    vector = agentgym.make_vec(TOY_ID, 2, vectorization_mode=mode, length=9)
    try:
        assert isinstance(vector, kind)
        observations, infos = vector.reset(seed=4)
        alone = [agentgym.make_env(TOY_ID, length=9).reset(seed=seed) for seed in (4, 5)]
        assert list(observations) == [observation for observation, _ in alone]
        assert list(infos["state_key"]) == [info["state_key"] for _, info in alone]
        assert list(infos["admissible_actions"]) == [info["admissible_actions"] for _, info in alone]
    finally:
        vector.close()


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ({"num_envs": 0}, ArgumentError, "`num_envs` is 0"),
        ({"vectorization_mode": "asink"}, UnknownNameError, r"Did you mean 'async'"),
        ({"env_id": "agentgym/Nothing-v0"}, UnknownNameError, "no environment named"),
    ],
)
def test_make_vec__bad_arguments_are_named(
    arguments: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        agentgym.make_vec(**{"env_id": TOY_ID, **arguments})


def _episode(member: GroupMember) -> list[object]:
    told: list[object] = [member.reset()]
    over = False
    while not over:
        transition = member.step("go east")
        told.append(transition)
        over = transition[2] or transition[3]
    return told


def test_make_group__members_stay_in_step_whatever_is_drawn_between() -> None:
    one, other, third = agentgym.make_group(TOY_ID, 3, seed=7, wind=0.5)
    for episode in range(4):
        ours = _episode(one)
        other.unwrapped.np_random.random(episode)
        third.unwrapped.np_random.random(5)
        assert _episode(other) == ours
        assert _episode(third) == ours


def test_make_group__episodes_of_a_member_differ() -> None:
    (member,) = agentgym.make_group(TOY_ID, 1, seed=7, wind=0.5)
    assert len({str(_episode(member)) for _ in range(6)}) > 3


def test_make_group__seeds_give_different_groups() -> None:
    starts = {str(agentgym.make_group(TOY_ID, 1, seed=seed)[0].reset()) for seed in range(20)}
    assert len(starts) > 5


def test_make_group__first_episode_is_that_of_the_seed() -> None:
    (member,) = agentgym.make_group(TOY_ID, 1, seed=7)
    assert member.reset() == agentgym.make_env(TOY_ID).reset(seed=7)


def test_make_group__explicit_seed_counts_as_an_episode() -> None:
    one, other = agentgym.make_group(TOY_ID, 2, seed=7)
    assert one.reset(seed=99) == agentgym.make_env(TOY_ID).reset(seed=99)
    other.reset()
    assert one.reset() == other.reset()


def test_make_group__keeps_the_task_asked_for() -> None:
    one, other = agentgym.make_group(TOY_ID, 2, seed=7)
    options = {"task": "train/2-west"}
    assert one.reset(options=options) == other.reset(options=options)
    assert one.unwrapped.task_id == "train/2-west"  # type: ignore[attr-defined]


def test_make_group__empty_group_is_an_error() -> None:
    with pytest.raises(ArgumentError, match=r"`n` is 0\. A group has at least 1 member"):
        agentgym.make_group(TOY_ID, 0, seed=0)


def test_register_env__imports_nothing_before_it_is_made() -> None:
    agentgym.register_env("Absent-v0", "no_such_module:NoEnv")
    try:
        with pytest.raises(ModuleNotFoundError, match="no_such_module"):
            agentgym.make_env("agentgym/Absent-v0")
    finally:
        del gymnasium.registry["agentgym/Absent-v0"]
