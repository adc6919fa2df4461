"""The vector environment equals Gymnasium's own."""

from __future__ import annotations

import copy
import json
from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from agentgym.errors import ArgumentError, EpisodeOverError, UnknownNameError
from envs.sokoban.env import SokobanEnv
from envs.sokoban.rules import DIRECTIONS
from envs.sokoban.vector import SokobanVectorEnv
from tests.envs.sokoban.boards import CORRIDOR, TWO_BOXES

SMALL = "agentgym/SokobanSmall-v0"
ACTIONS = (*DIRECTIONS, *DIRECTIONS, "Push Left", "nonsense", "")


def _assert_same(one: Any, two: Any) -> None:
    assert type(one) is type(two)
    if isinstance(one, dict):
        assert list(one) == list(two)
        for key in one:
            _assert_same(one[key], two[key])
    elif isinstance(one, list):
        assert len(one) == len(two)
        for left, right in zip(one, two, strict=True):
            _assert_same(left, right)
    elif isinstance(one, np.ndarray):
        assert one.dtype == two.dtype and one.tolist() == two.tolist()
    else:
        assert one == two


def _pair(**kwargs: Any) -> tuple[Any, Any]:
    kwargs = {"size": 6, "boxes": 1, "max_steps": 9} | kwargs
    mode = kwargs.pop("autoreset_mode", AutoresetMode.NEXT_STEP)
    other: Any = SyncVectorEnv([partial(SokobanEnv, **kwargs)] * 5, copy=False, autoreset_mode=mode)
    return SokobanVectorEnv(5, autoreset_mode=mode, **kwargs), other


def _play(pair: tuple[Any, Any], steps: int, extra: tuple[str, ...] = ()) -> int:
    """Act at random in both; return how many episodes ended."""
    rng, ended, actions = np.random.default_rng(0), 0, (*ACTIONS, *extra)
    for _ in range(steps):
        chosen = tuple(actions[k] for k in rng.integers(len(actions), size=5))
        one, two = (list(env.step(chosen)) for env in pair)
        _assert_same(one, two)
        ended += int(np.count_nonzero(one[2] | one[3]))
    return ended


@pytest.mark.parametrize("seed", [3, [9, 1, 1, 0, 4]])
@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"boxes": 2, "size": (7, 9), "observation": "coordinates", "split": "test"},
        {"reward": "sparse"},
        {"levels": CORRIDOR},
        {"levels": f"{CORRIDOR}\n\n{TWO_BOXES}"},
        {"autoreset_mode": AutoresetMode.SAME_STEP},
    ],
    ids=["grid", "coordinates", "sparse", "levels", "levels of two sizes", "same step"],
)
def test_vector__equals_gymnasiums_over_episodes(seed: Any, kwargs: dict[str, Any]) -> None:
    own, other = _pair(**kwargs)
    _assert_same(list(own.reset(seed=seed)), list(other.reset(seed=seed)))
    assert _play((own, other), 60) >= 10


def test_vector__equals_gymnasiums_where_actions_are_too_long() -> None:
    own, other = _pair()
    own.reset(seed=1), other.reset(seed=1)
    _play((own, other), 40, extra=("up" + " " * (1 << 20),))
    for env in (own, other):
        with pytest.raises(ArgumentError, match="not NoneType"):
            env.step((None,) * 5)


def test_vector__equals_gymnasiums_without_autoreset() -> None:
    own, other = _pair(levels=CORRIDOR, autoreset_mode=AutoresetMode.DISABLED)
    own.reset(seed=1), other.reset(seed=1)
    for actions in (("right",) * 5, ("right", "left", "left", "left", "right")):
        _assert_same(list(own.step(actions)), list(other.step(actions)))
    mask = np.array([True, False, False, False, True])
    _assert_same(*(list(env.reset(options={"reset_mask": mask.copy()})) for env in (own, other)))
    assert _play((own, other), 1) == 0


def test_vector__is_told_what_its_environments_do_by_themselves() -> None:
    pair = own, other = _pair(max_steps=50)
    own.reset(seed=5), other.reset(seed=5)
    frozen = list[bytes]()
    for _ in range(3):
        _play(pair, 4)
        for env in pair:
            env.envs[1].step("up"), env.envs[2].step("right")
            env.envs[3].restore(frozen[-1] if frozen else env.envs[4].snapshot())
            env.set_attr("max_steps", [50, 40, 30, 20, 60])
        _assert_same(*(list(env.call("snapshot")) for env in pair))
        frozen.append(own.envs[0].snapshot())
        _assert_same(*(list(env.call("oracle_action")) for env in pair))
        pair = own, other = copy.deepcopy(pair)
    assert _play(pair, 100) > 5


def test_vector__equals_gymnasiums_from_a_board_that_is_solved() -> None:
    pair = _pair(levels=TWO_BOXES)
    for env in pair:
        env.reset(seed=0)
        frozen = json.loads(env.envs[0].snapshot())
        frozen["state"]["board"] = [
            row.replace("$", "*").replace(".", "_") for row in frozen["state"]["board"]
        ]
        env.envs[3].restore(json.dumps(frozen).encode())
    assert _play(pair, 20) > 5


def test_vector__keeps_what_it_has_returned() -> None:
    env = SokobanVectorEnv(1, levels=CORRIDOR)
    env.reset(seed=0)
    for _ in range(2):
        _, _, terminations, _, _ = env.step(("right",))
    env.reset(options={"reset_mask": np.array([True])})
    assert terminations.tolist() == [True]


def test_vector__goes_on_after_a_reset_that_failed() -> None:
    pair = own, other = _pair()
    with pytest.raises(EpisodeOverError):
        own.step(("up",) * 5)
    own.reset(seed=2), other.reset(seed=2)
    for env in pair:
        with pytest.raises(UnknownNameError):
            env.reset(options={"task": "train/x"})
        with pytest.raises(gymnasium.error.Error, match="greater or equal to zero"):
            env.reset(seed=[7, 8, -1, 9, 9])
    _play(pair, 20)


def test_vector__takes_a_task_and_a_reset_mask() -> None:
    own, other = _pair()
    task = {"task": "test/4"}
    _assert_same(list(own.reset(options=task)), list(other.reset(options=task)))
    own.step(("up",) * 5), other.step(("up",) * 5)
    mask = np.array([True, False, False, True, False])
    one, two = (list(env.reset(seed=11, options={"reset_mask": mask.copy()})) for env in (own, other))
    _assert_same(one, two)


def test_vector__is_made_by_gymnasium_and_declares_its_autoreset() -> None:
    env = gymnasium.make_vec("agentgym/Sokoban-v0", num_envs=2)
    assert isinstance(env, SokobanVectorEnv)
    assert env.metadata["autoreset_mode"] == gymnasium.vector.AutoresetMode.NEXT_STEP
    env.close()


def test_vector__supports_same_step_autoreset() -> None:
    env = SokobanVectorEnv(1, autoreset_mode=gymnasium.vector.AutoresetMode.SAME_STEP, levels=CORRIDOR)
    env.reset(seed=0)
    env.step(("right",))
    _, _, terminated, _, infos = env.step(("right",))
    assert terminated[0] and "final_info" in infos


def test_vector__refuses_a_wrong_number_of_actions_or_environments() -> None:
    env = SokobanVectorEnv(2, size=6, boxes=1)
    env.reset(seed=0)
    with pytest.raises(ArgumentError, match="1 actions for 2"):
        env.step(("up",))
    with pytest.raises(ArgumentError, match="at least 1"):
        SokobanVectorEnv(0)
