"""A served board for each test, and a small suite whose submissions really verify."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from agentgym.evaluation import ExpandedSuite, evaluate_suite, load_suite
from agentgym.leaderboard import Submission
from agentgym.leaderboard.submit import bundle_of_run
from tests.agentgym.leaderboard.server.boards import Board, served
from tests.agentgym.leaderboard.store.making import submission_of
from tests.agentgym.tampering import WANDERER, play

TINY = """
name = "tiny"
version = 1
description = "Two rooms."

[[settings]]
env = "agentgym/SokobanSmall-v0"
tasks = 2
max_steps = 8
"""


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with served(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a board whose only suite is over in a moment."""
    root = tmp_path_factory.mktemp("leaderboards")
    (root / "suites").mkdir()
    (root / "suites" / "tiny.toml").write_text(TINY)
    return root


@pytest.fixture(autouse=True)
def tiny_is_found(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and its children find that suite, for one test."""
    monkeypatch.setenv("AGENTGYM_LEADERBOARDS", str(tiny))


@pytest.fixture(scope="session")
def submission(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], bytes]:
    """Make the submission file of a random agent of some seed."""
    made: dict[int, bytes] = {}

    def make(seed: int = 0) -> bytes:
        if seed not in made:
            folder = tmp_path_factory.mktemp("run")
            evaluate_suite(load_suite("tiny"), "random", seed=seed, out=folder, baselines=False)
            made[seed] = bundle_of_run(folder, name=f"random {seed}")
        return made[seed]

    return make


@pytest.fixture(scope="session")
def make(suite: ExpandedSuite) -> Callable[..., Submission]:
    """Make the entry of an agent on corridors, unverified."""
    return cache(lambda agent=WANDERER: submission_of(play(suite.episodes, agent), suite))
