"""The environment: contract, texts, rewards, bad actions, snapshots, expert and picture."""

from __future__ import annotations

import json
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

import agentgym
from agentgym.errors import ArgumentError, DataError, LevelError, UnknownNameError
from agentgym.testing import check_text_env
from envs.sokoban.env import SokobanEnv
from envs.sokoban.report import INSTRUCTION
from envs.sokoban.text import LEGEND, parse_action
from tests.envs.sokoban.boards import CORRIDOR, TWO_BOXES

IDS = ["agentgym/Sokoban-v0", "agentgym/SokobanMedium-v0", "agentgym/SokobanSmall-v0"]


def _on(text: str, **kwargs: Any) -> SokobanEnv:
    env = SokobanEnv(levels=text, **kwargs)
    env.reset(seed=0)
    return env


@pytest.mark.parametrize("env_id", IDS)
def test_ids__pass_gymnasium_and_the_conformance_check(env_id: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(env_id).unwrapped)
    check_text_env(env_id)


def test_step__scores_as_gym_sokoban_does() -> None:
    env = _on(TWO_BOXES)
    results = [env.step(action) for action in ("right", "right", "left", "left", "down", "right", "right")]
    assert [result[1] for result in results] == [0.9, -1.1] + [-0.1] * 5
    env = _on(CORRIDOR)
    first, second = env.step("right"), env.step("right")
    assert (first[1], first[2]) == (-0.1, False)
    assert second[1] == pytest.approx(10.9)
    assert second[2:4] == (True, False)
    assert (second[4]["success"], second[4]["score"], second[4]["progress"]) == (True, 1.0, 1.0)


def test_step__scores_sparsely_when_asked_to() -> None:
    env = _on(CORRIDOR, reward="sparse")
    assert [env.step(action)[1] for action in ("up", "zz", "right", "right")] == [0.0, 0.0, 0.0, 1.0]


def test_observation__is_the_grid_and_its_legend() -> None:
    env = SokobanEnv(levels=CORRIDOR)
    observation, info = env.reset(seed=0)
    assert observation == f"# # # # # # #\n# @ $ _ . _ #\n# # # # # # #\n{LEGEND}"
    assert info["instruction"] == INSTRUCTION
    assert info["extra"] == {"boxes": 1, "boxes_on_target": 0}


def test_observation__tells_coordinates_when_asked_to() -> None:
    env = _on(CORRIDOR, observation="coordinates")
    observation = env.step("right")[0]
    assert "You are at (row 1, column 2)." in observation
    assert "Boxes: (row 1, column 3)." in observation
    assert "Targets: (row 1, column 4)." in observation
    assert "Walls: row 0: columns 0-6; row 1: columns 0, 6; row 2: columns 0-6." in observation
    assert "Boxes: (row 1, column 4) on a target." in env.step("right")[0]


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("up", "A wall blocks the way up."),
        ("jump", "I do not understand 'jump'."),
        ("[right]", "I do not understand '[right]'."),
        ("", "I do not understand ''."),
        ("up down", "I do not understand 'up down'."),
        ("up\x00", r"I do not understand 'up\x00'."),
        ("\x1b[31mright", r"I do not understand '\x1b[31mright'."),
        ("ＵＰ", r"I do not understand '\uff35\uff30'."),
        ("\ud800", r"I do not understand '\ud800'."),
        ("right" * 200_000, "I do not understand 'rightright"),
        ("{" * (1 << 20), "I do not understand '{{{"),
        ("x" * (1 << 21), "I do not understand 'xxx"),
    ],
    ids=range(12),
)
def test_step__says_why_an_action_is_not_valid_and_changes_nothing(action: str, why: str) -> None:
    env = _on(CORRIDOR)
    before = env.board
    observation, reward, terminated, truncated, info = env.step(action)
    assert why in observation.splitlines()[0] and len(observation) < 500
    assert (terminated, truncated, info["action_valid"]) == (False, False, False)
    assert reward == -0.1
    assert (env.board == before).all() and info["admissible_actions"] == ("right",)


def test_step__explains_a_box_that_cannot_move() -> None:
    env = _on("#####\n#@$##\n#. ##\n#####")
    assert env.step("right")[0].startswith(
        "The box cannot move right: a wall or another box is behind it.\n# # #"
    )


@pytest.mark.parametrize("text", ["right", "RIGHT", " right\n", "Move Right", "push  right", "go\tright"])
def test_parse_action__is_lenient_about_form(text: str) -> None:
    assert parse_action(text) == 3


@settings(deadline=None)
@given(st.text(max_size=30))
def test_step__survives_any_text(text: str) -> None:
    env = _on(TWO_BOXES)
    legal = env._info()["admissible_actions"]
    before = env.board
    info = env.step(text)[4]
    assert info["action_valid"] == bool((env.board != before).any())
    assert not info["action_valid"] or text.split()[-1].lower() in legal


def test_reset__draws_the_same_task_in_the_same_split_for_a_seed() -> None:
    one, two = SokobanEnv(split="test"), SokobanEnv(split="test")
    assert one.reset(seed=7) == two.reset(seed=7)
    assert str(one.task_id).startswith("test/")
    assert one.reset(options={"task": "validation/3"})[1]["split"] == "validation"
    with pytest.raises(UnknownNameError):
        one.reset(options={"task": "test/1000000"})


def test_tasks__are_a_million_and_lazy() -> None:
    tasks = SokobanEnv().tasks("validation")
    assert len(tasks) == 1_000_000
    assert tasks[999_999] == "validation/999999" and "validation/5" in tasks and "test/5" not in tasks
    with pytest.raises(UnknownNameError):
        SokobanEnv().tasks("tests")


def test_truncation__comes_after_max_steps() -> None:
    env = _on(CORRIDOR, max_steps=2)
    assert env.step("up")[2:4] == (False, False)
    assert env.step("up")[2:4] == (False, True)


def test_episode__goes_on_when_the_level_cannot_be_solved_any_more() -> None:
    env = _on("#######\n#@    #\n# $ . #\n#     #\n#######")
    results = [env.step(action) for action in ("right", "down", "up", "up")]
    assert not any(terminated or truncated for _, _, terminated, truncated, _ in results)
    assert env.oracle_action() in env._info()["admissible_actions"]


@pytest.mark.parametrize("env_id", IDS)
def test_oracle_action__solves_levels_within_the_limit(env_id: str) -> None:
    env = agentgym.make_env(env_id, split="test")
    for seed in range(15):
        env.reset(seed=seed)
        while True:
            _, _, terminated, truncated, info = env.step(env.oracle_action())
            assert info["action_valid"]
            if terminated or truncated:
                break
        assert info["success"]


def test_oracle_action__plans_anew_after_a_detour() -> None:
    env = _on("########\n#@ $ . #\n#      #\n########")
    env.oracle_action()
    env.step("down")
    while not env._info()["success"]:
        env.step(env.oracle_action())


def test_snapshot__continues_an_episode_in_another_instance() -> None:
    one, two = SokobanEnv(), SokobanEnv(size=6, boxes=1)
    one.reset(seed=3)
    one.step("up")
    two.restore(one.snapshot())
    for action in ("left", "down", "nonsense", "right", "up"):
        assert one.step(action) == two.step(action)


@pytest.mark.parametrize(
    "board",
    [[], ["####"], ["####", "#@$#", "####"], ["######", "#@$. ", "######"], ["@$."], "#@$.#", [1], None],
)
def test_restore__refuses_a_board_that_cannot_be_played(board: Any) -> None:
    env = _on(CORRIDOR)
    frozen = json.loads(env.snapshot())
    frozen["state"]["board"] = board
    with pytest.raises(DataError):
        env.restore(json.dumps(frozen).encode())
    assert env.step("right")[4]["action_valid"]


def test_state_key__is_of_the_board_not_of_the_steps() -> None:
    env = _on(TWO_BOXES)
    start = env._info()["state_key"]
    assert env.step("up")[4]["state_key"] == start
    assert env.step("down")[4]["state_key"] != start
    assert env.step("up")[4]["state_key"] == start


def test_render__draws_text_and_picture() -> None:
    env = _on(TWO_BOXES, render_mode="rgb_array")
    picture = env.render()
    assert isinstance(picture, np.ndarray)
    assert picture.shape == (4 * 32, 8 * 32, 3) and picture.dtype == np.uint8
    tiles = {
        picture[32 * r : 32 * r + 32, 32 * c : 32 * c + 32].tobytes() for r in range(4) for c in range(8)
    }
    assert len(tiles) == 5  # wall, floor, target, box, player
    assert _on(CORRIDOR, render_mode="ansi").render() == "# # # # # # #\n# @ $ _ . _ #\n# # # # # # #"
    assert _on(CORRIDOR).render() is None


@pytest.mark.parametrize(
    ("kwargs", "error", "needle"),
    [
        ({"size": 4}, ArgumentError, "from 5 to 200"),
        ({"size": "ten"}, ArgumentError, "pair of integers"),
        ({"size": (10, 10, 3)}, ArgumentError, "pair of integers"),
        ({"size": True}, ArgumentError, "pair of integers"),
        ({"boxes": 0}, ArgumentError, "from 1 to 8"),
        ({"boxes": 2.5}, ArgumentError, "integer"),
        ({"reward": "spars"}, UnknownNameError, "Did you mean 'sparse'"),
        ({"observation": "gird"}, UnknownNameError, "Did you mean 'grid'"),
        ({"split": "dev"}, UnknownNameError, "train"),
        ({"max_steps": 0}, ArgumentError, "at least 1"),
        ({"render_mode": "human"}, UnknownNameError, "ansi"),
        ({"levels": "nowhere.txt"}, ArgumentError, "no file or folder"),
        ({"data": "nowhere"}, ArgumentError, "no folder"),
        ({"data": ".", "levels": "boxoban"}, ArgumentError, "Pass one of them"),
        ({"levels": "#\n"}, LevelError, "no player"),
    ],
    ids=range(15),
)
def test_constructor__says_what_is_wrong(kwargs: dict[str, Any], error: type[Exception], needle: str) -> None:
    with pytest.raises(error, match=needle):
        SokobanEnv(**kwargs)


def test_size__may_be_a_pair() -> None:
    env = SokobanEnv(size=(6, 9), boxes=2)
    env.reset(seed=0)
    assert env.board.shape == (6, 9)
