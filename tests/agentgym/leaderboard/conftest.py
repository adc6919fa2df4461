"""A suite of corridors and honest runs of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agentgym.evaluation import ExpandedSuite, Setting, Suite, evaluate_suite
from agentgym.leaderboard import Submission
from tests.agentgym.leaderboard.store.making import submission_of
from tests.agentgym.tampering import WANDERER, play
from tests.toys import TOY_ID

TASKS = ["test/2-west", "test/3-east", "test/4-east", "test/5-west", "test/6-west", "test/7-east"]


@pytest.fixture(scope="session")
def suite() -> ExpandedSuite:
    return Suite(
        name="toy", version=1, settings=[Setting(env=TOY_ID, tasks=TASKS, seeds=[0, 1, 2, 3])]
    ).expand()


@pytest.fixture(scope="session")
def make_run(suite: ExpandedSuite, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Evaluate an agent on the suite and return the folder of the run."""

    def make(agent: str = WANDERER) -> Path:
        folder = tmp_path_factory.mktemp("run")
        evaluate_suite(suite, agent, out=folder, baselines=False)
        return folder

    return make


@pytest.fixture(scope="session")
def honest_run(make_run: Callable[..., Path]) -> Path:
    return make_run()


@pytest.fixture(scope="session")
def make(suite: ExpandedSuite) -> Callable[..., Submission]:
    """Make the submission of an agent, unverified."""
    known: dict[str, Submission] = {}

    def submission(agent: str = WANDERER) -> Submission:
        if agent not in known:
            known[agent] = submission_of(play(suite.episodes, agent), suite)
        return known[agent]

    return submission


@pytest.fixture(scope="session")
def entry(make: Callable[..., Submission]) -> Submission:
    return make()
