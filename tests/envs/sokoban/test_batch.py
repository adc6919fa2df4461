"""The batch equals the environment, on one core and on all."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from agentgym.errors import ArgumentError, ShapeError
from envs.sokoban.batch import BatchSokoban
from envs.sokoban.env import SokobanEnv
from envs.sokoban.rules import DIRECTIONS, STUCK_BOX, WALL_AHEAD
from tests.envs.sokoban.boards import CORRIDOR, board_of

FORKS_AND_THREADS = """
import multiprocessing, threading
import numpy as np
from envs.sokoban.batch import BatchSokoban
from envs.sokoban.generator import generate_batch

def use_all_cores(*_):
    boards = generate_batch(np.arange(64), size=(6, 6), boxes=1)
    batch = BatchSokoban(np.tile(boards, (2100, 1, 1)))
    for _ in range(20):
        batch.step(np.zeros(len(batch), dtype=np.int8))
    return int(batch.boards.sum())

expected = use_all_cores()
threads = [threading.Thread(target=use_all_cores) for _ in range(3)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
with multiprocessing.get_context("fork").Pool(1) as pool:
    assert pool.map_async(use_all_cores, [0]).get(60) == [expected]
print("alive")
"""


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


def test_batch__says_which_moves_are_legal_and_what_the_last_one_did() -> None:
    batch = BatchSokoban(np.stack([board_of("#####\n#@$##\n#. ##\n#####")] * 3))
    batch.step(np.array([0, 3, 9]))
    assert batch.outcomes.tolist() == [WALL_AHEAD, STUCK_BOX, WALL_AHEAD]
    assert batch.legal_moves().tolist() == [0b0010] * 3


def test_batch__gives_the_same_on_one_core_as_on_all() -> None:
    one, copies = BatchSokoban.generate(100, size=(6, 6), boxes=1), 1400
    many = BatchSokoban(np.tile(one.boards, (copies, 1, 1)))
    rng = np.random.default_rng(2)
    for _ in range(30):
        actions = rng.integers(-1, 4, size=100)
        results = one.step(actions), many.step(np.tile(actions, copies))
        for single, repeated in zip(*results, strict=True):
            assert (np.tile(single, copies) == repeated).all()
    assert (many.boards == np.tile(one.boards, (copies, 1, 1))).all()
    assert (many.legal_moves() == np.tile(one.legal_moves(), copies)).all()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("layer", ["default", "workqueue"])
def test_batch__survives_forks_and_threads(layer: str) -> None:
    environment = os.environ | {"NUMBA_THREADING_LAYER": layer}
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKS_AND_THREADS],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (result.returncode, result.stdout) == (0, "alive\n"), result.stderr
