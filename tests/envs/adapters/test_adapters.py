"""Environments of other projects keep the contract as far as their engines allow."""

from __future__ import annotations

import pickle
import random
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import agentgym
from agentgym.errors import ArgumentError, DataError, UnknownNameError
from agentgym.testing import check_text_env
from envs.adapters.science_world import _VARIATIONS

GAMES = {
    "textarena": ("agentgym/TextArena-v0", "Mastermind-v0"),
    "gem": ("agentgym/GEM-v0", "game:Mastermind-v0-hard"),
}
SOLVED = [
    ("textarena", "Mastermind-v0"),
    ("textarena", "GuessTheNumber-v0-hardcore"),
    ("textarena", "TowerOfHanoi-v0-hard"),
    ("textarena", "Sudoku-v0-very-easy"),
    ("gem", "game:Mastermind-v0-hard"),
    ("gem", "game:GuessTheNumber-v0-hard"),
    ("gem", "game:TowerofHanoi-v0-hard"),
    ("gem", "game:Sudoku-v0-easy"),
]


def made(project: str, **kwargs: Any) -> agentgym.TextEnv:
    pytest.importorskip(project, reason=f"needs the extra {project}")
    return agentgym.make_env(GAMES[project][0], **kwargs)


def played_by_expert(env: agentgym.TextEnv) -> dict[str, Any]:
    over, info = False, dict[str, Any]()
    while not over:
        _, _, terminated, truncated, info = env.step(env.oracle_action())
        over = terminated or truncated
    return info


@pytest.mark.slow
@pytest.mark.parametrize("project", GAMES)
def test_games__keep_the_contract(project: str) -> None:
    pytest.importorskip(project, reason=f"needs the extra {project}")
    check_text_env(GAMES[project][0], episodes=2, resets=200)


@pytest.mark.parametrize(("project", "game"), SOLVED)
def test_games__are_won_by_their_experts(project: str, game: str) -> None:
    env = made(project, game=game)
    for seed in range(3):
        env.reset(seed=seed)
        info = played_by_expert(env)
        assert info["success"]
        assert info["score"] == pytest.approx(1)


@pytest.mark.parametrize("project", GAMES)
def test_games__leave_the_callers_generators_alone(project: str) -> None:
    env = made(project)
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    expected = (random.random(), float(np.random.rand()))  # noqa: NPY002
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    env.reset(seed=3)
    env.step("no move at all")
    env.step(env.oracle_action())
    assert (random.random(), float(np.random.rand())) == expected  # noqa: NPY002


@pytest.mark.parametrize("game", ["2048-v0-easy", "Minesweeper-v0"])
def test_games__draw_alike_in_every_member_of_a_group(game: str) -> None:
    pytest.importorskip("textarena", reason="needs the extra textarena")
    one, other = agentgym.make_group("agentgym/TextArena-v0", 2, seed=5, game=game)
    moves = ["[up]", "[left]", "[down]", "[1 1]", "[3 3]", "[right]"]
    told = []
    for member in (one, other):
        member.reset()
        told.append([member.step(move)[0] for move in moves])
        random.random()  # what others draw in between is nothing to it
    assert told[0] == told[1]


def test_games__take_back_what_they_do_not_understand() -> None:
    env = made("gem")
    _, info = env.reset(seed=0)
    for words in ("hello", "\\boxed{}", "\\boxed{99999999999999999999999999999}", "x" * 5000, "\0", "\ud800"):
        _, reward, terminated, _, after = env.step(words)
        assert (reward, terminated, after["action_valid"]) == (0, False, False)
        assert after["state_key"] == info["state_key"]


def test_games__say_what_they_lack() -> None:
    with pytest.raises(UnknownNameError, match="Mastermind-v0"):
        made("textarena", game="Mastermynd-v0")
    env = made("textarena", game="2048-v0-easy")
    env.reset(seed=0)
    with pytest.raises(ArgumentError, match="There is no expert"):
        env.oracle_action()
    with pytest.raises(ArgumentError, match="no game for one player"):
        made("textarena", game="KuhnPoker-v0").reset(seed=0)


SCIENCE_RULES = ("seed_repeats", "actions_are_texts", "processes_agree")
"""The rules that a Java machine can break in ways of its own; `agentgym check` tries all, in many minutes."""


@pytest.mark.slow
def test_science_world__keeps_the_contract() -> None:
    pytest.importorskip("scienceworld", reason="needs the extra scienceworld")
    if shutil.which("java") is None:
        pytest.skip("needs Java")
    check_text_env(
        "agentgym/ScienceWorld-v0",
        episodes=1,
        resets=10,
        rules=SCIENCE_RULES,
        env_kwargs={"max_steps": 8},
    )


@pytest.fixture(scope="module")
def science() -> Iterator[agentgym.TextEnv]:
    pytest.importorskip("scienceworld", reason="needs the extra scienceworld")
    if shutil.which("java") is None:
        pytest.skip("needs Java")
    env = agentgym.make_env("agentgym/ScienceWorld-v0")
    yield env
    env.close()


@pytest.mark.slow
def test_science_world__is_done_by_its_own_solution(science: agentgym.TextEnv) -> None:
    _, info = science.reset(seed=0, options={"task": "find-plant/0"})
    assert info["instruction"].startswith("Task Description")
    info = played_by_expert(science)
    assert info["success"]
    assert info["score"] == 1


@pytest.mark.slow
def test_science_world__plays_the_same_again(science: agentgym.TextEnv) -> None:
    actions = ["look around", "go to kitchen", "look around", "sing", "pick up thermometer"]
    seen = []
    for _ in range(2):
        science.reset(seed=1, options={"task": "boil/2"})
        seen.append([science.step(action) for action in actions])
    assert [step[:4] for step in seen[0]] == [step[:4] for step in seen[1]]
    assert [step[4]["state_key"] for step in seen[0]] == [step[4]["state_key"] for step in seen[1]]
    valid = [step[4]["action_valid"] for step in seen[0]]
    assert valid == [True, True, True, False, True]
    assert seen[0][2][4]["state_key"] == seen[0][3][4]["state_key"]


@pytest.mark.slow
def test_science_world__refuses_what_its_bridge_cannot_carry(science: agentgym.TextEnv) -> None:
    _, info = science.reset(seed=1, options={"task": "boil/2"})
    for words in ("", "\0", "look around\0", "look\naround", "\ud800", "x" * 1001, "\u202elook"):
        told, reward, terminated, _, after = science.step(words)
        assert (reward, terminated, after["action_valid"]) == (0, False, False)
        assert after["state_key"] == info["state_key"]
        assert told


@pytest.mark.slow
def test_science_world__warms_and_cools_alike_in_every_play(science: agentgym.TextEnv) -> None:
    """The state key holds every temperature; heat flows in the kitchen, with stove, sink and freezer open."""
    actions = [
        "go to kitchen",
        "open freezer",
        "open fridge",
        "activate stove",
        "activate sink",
        *["wait1"] * 8,
    ]
    plays = []
    for _ in range(2):
        science.reset(seed=1, options={"task": "boil/2"})
        plays.append([science.step(action)[4]["state_key"] for action in actions])
    assert plays[0] == plays[1]
    assert len(set(plays[0])) == len(actions)


@pytest.mark.slow
def test_science_world__goes_on_alike_after_a_pickle(science: agentgym.TextEnv) -> None:
    science.reset(seed=2, options={"task": "mendelian-genetics-unknown-plant/1"})
    for action in ("go to greenhouse", "wait", "look around"):
        science.step(action)
    twin = pickle.loads(pickle.dumps(science))
    try:
        for action in ("wait", "look around"):
            assert twin.step(action)[:4] == science.step(action)[:4]
    finally:
        twin.close()


@pytest.mark.slow
def test_science_world__goes_on_from_a_snapshot(science: agentgym.TextEnv) -> None:
    science.reset(seed=1, options={"task": "boil/2"})
    science.step("go to kitchen")
    frozen = science.snapshot()
    first = science.step("pick up thermometer")
    science.restore(frozen)
    assert science.step("pick up thermometer") == first
    with pytest.raises(DataError, match="another state"):
        science.restore(frozen.replace(b"go to kitchen", b"go to art studio"))
    assert science.step("look around")[0].startswith("This room is called the kitchen")


@pytest.mark.slow
def test_science_world__splits_as_the_original(science: agentgym.TextEnv) -> None:
    counts = [sum(task.startswith("boil/") for task in science.tasks(split)) for split in science.splits]
    assert counts == [15, 7, 8]
    engine = science.engine  # type: ignore[attr-defined]
    assert engine.variations() == dict(_VARIATIONS)
