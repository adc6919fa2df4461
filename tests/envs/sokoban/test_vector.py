"""The vector environment equals Gymnasium's own, and the batch equals the environment."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

import agentgym
from agentgym.errors import ArgumentError, ShapeError
from envs.sokoban.batch import BatchSokoban
from envs.sokoban.env import SokobanEnv
from envs.sokoban.rules import DIRECTIONS
from envs.sokoban.vector import SokobanVectorEnv
from tests.envs.sokoban.boards import CORRIDOR, board_of

SMALL = "agentgym/SokobanSmall-v0"
ACTIONS = (*DIRECTIONS, "Push Left", "nonsense", "")


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
    own = agentgym.make_vec(SMALL, 5, **kwargs)
    return own, agentgym.make_vec(SMALL, 5, vectorization_mode="sync", **kwargs)


@pytest.mark.parametrize("seed", [3, [9, 1, 1, 0, 4]])
def test_vector__equals_gymnasiums_over_episodes(seed: Any) -> None:
    own, other = _pair(max_steps=9)
    assert isinstance(own, SokobanVectorEnv)
    _assert_same(list(own.reset(seed=seed)), list(other.reset(seed=seed)))
    rng = np.random.default_rng(0)
    ended = 0
    for _ in range(60):
        actions = tuple(ACTIONS[k] for k in rng.integers(len(ACTIONS), size=5))
        result = own.step(actions)
        _assert_same(list(result), list(other.step(actions)))
        ended += int(np.count_nonzero(result[2] | result[3]))
    assert ended > 20


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


@pytest.mark.parametrize("reward", ["gym-sokoban", "sparse"])
def test_batch__gives_what_the_environment_gives(reward: Any) -> None:
    envs = [SokobanEnv(size=6, boxes=1, reward=reward, max_steps=10_000) for _ in range(20)]
    for index, env in enumerate(envs):
        env.reset(options={"task": f"train/{index}"})
    batch = BatchSokoban.generate(20, size=(6, 6), boxes=1, reward=reward)
    rng = np.random.default_rng(1)
    over = np.zeros(20, dtype=bool)
    for _ in range(150):
        actions = rng.integers(0, 5, size=20)
        rewards, done, valid = batch.step(actions)
        for index in np.flatnonzero(~over).tolist():
            action = DIRECTIONS[actions[index]] if actions[index] < 4 else "nonsense"
            _, expected, terminated, _, info = envs[index].step(action)
            assert (rewards[index], done[index], valid[index]) == (expected, terminated, info["action_valid"])
            assert (batch.boards[index] == envs[index].board).all()
        assert done[over].all() and not valid[over].any() and not rewards[over].any()
        over |= done
    assert over.any()


def test_batch__leaves_its_argument_alone_and_replaces_boards() -> None:
    boards = np.stack([board_of(CORRIDOR)] * 3)
    batch = BatchSokoban(boards)
    for _ in range(2):
        rewards, done, _ = batch.step(np.full(3, 3))
    assert done.all() and rewards == pytest.approx([10.9] * 3)
    assert (boards == board_of(CORRIDOR)).all()
    batch.replace(np.array([1]), boards[:1])
    assert batch.step(np.full(3, 3))[2].tolist() == [False, True, False]


@pytest.mark.parametrize("actions", [np.zeros(2, dtype=int), np.zeros(3), np.zeros((3, 1), dtype=int)])
def test_batch__refuses_actions_of_another_shape_or_type(actions: Any) -> None:
    batch = BatchSokoban(np.stack([board_of(CORRIDOR)] * 3))
    with pytest.raises(ShapeError, match=r"Expected \(3,\) integers"):
        batch.step(actions)


def test_batch__takes_numbers_that_are_no_directions_as_nonsense() -> None:
    batch = BatchSokoban(np.stack([board_of(CORRIDOR)] * 3))
    rewards, done, valid = batch.step(np.array([259, -1, 4]))
    assert not valid.any() and not done.any() and rewards == pytest.approx([-0.1] * 3)


def test_batch__refuses_boards_that_cannot_be_played() -> None:
    open_board = board_of("#####\n#@$.#\n###_#")
    good = board_of("#####\n#@$.#\n#####")
    with pytest.raises(ArgumentError, match="1 of 2 boards"):
        BatchSokoban(np.stack([good, open_board]))
    with pytest.raises(ShapeError):
        BatchSokoban(good)
    batch = BatchSokoban(np.stack([good, good]))
    with pytest.raises(ShapeError):
        batch.replace(np.array([0, 1]), good[None])
