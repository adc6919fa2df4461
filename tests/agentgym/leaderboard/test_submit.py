"""Submitting: only whole runs of the suite, each once, under a name that can be shown."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from agentgym import errors
from agentgym.agents import make_agent
from agentgym.evaluation import ExpandedSuite
from agentgym.leaderboard import open_store, submit
from agentgym.leaderboard.store import Store
from agentgym.rollout import PLAN_FILE, TRAJECTORY_FILE, Episode, RunPlan, load_run, run
from agentgym.trajectory import write_trajectories
from tests.agentgym.tampering import EPISODE_FORGERIES, VICTIM, WANDERER
from tests.toys import TOY_ID


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "board.sqlite"))


@pytest.fixture
def copy(tmp_path: Path, honest_run: Path) -> Path:
    """Copy an honest run, to be spoilt."""
    return Path(shutil.copytree(honest_run, tmp_path / "run"))


def test_submit__credits_what_the_run_earned(store: Store, honest_run: Path, suite: ExpandedSuite) -> None:
    entry = submit(honest_run, store, suite=suite)
    played = load_run(honest_run)[1]
    assert entry.metrics.success.value == sum(t.success for t in played) / 24
    assert (entry.id, entry.name, entry.agent, entry.status) == (1, WANDERER, WANDERER, "verified")


def test_submit__refuses_the_same_episodes_again(store: Store, copy: Path, suite: ExpandedSuite) -> None:
    submit(copy, store, suite=suite)
    slower = [replace(t, model_s=t.model_s + 1) for t in load_run(copy)[1]]
    write_trajectories(copy / TRAJECTORY_FILE, slower)
    with pytest.raises(errors.ArgumentError, match=r"already submitted.*as number 1"):
        submit(copy, store, suite=suite, name="another name")
    assert store.ids() == [1]


def test_submit__refuses_a_forged_run_and_stores_nothing(
    store: Store, copy: Path, suite: ExpandedSuite
) -> None:
    forge = EPISODE_FORGERIES["a whole winning end"]
    forged = [forge(t) if t.episode == VICTIM else t for t in load_run(copy)[1]]
    write_trajectories(copy / TRAJECTORY_FILE, forged)
    with pytest.raises(errors.ArgumentError, match=f"episode {VICTIM}, turn {len(forged[VICTIM].steps) - 1}"):
        submit(copy, store, suite=suite)
    assert store.ids() == []


def test_submit__refuses_a_run_with_a_lost_episode(store: Store, copy: Path, suite: ExpandedSuite) -> None:
    write_trajectories(copy / TRAJECTORY_FILE, load_run(copy)[1][:-1])
    with pytest.raises(errors.TrajectoryError, match="1 missing"):
        submit(copy, store, suite=suite)


def test_submit__refuses_a_plan_trimmed_to_what_went_well(
    store: Store, copy: Path, suite: ExpandedSuite
) -> None:
    won = [replace(t, episode=i) for i, t in enumerate(t for t in load_run(copy)[1] if t.success)]
    plan = json.loads((copy / PLAN_FILE).read_text())
    plan["episodes"] = plan["episodes"][: len(won)]
    (copy / PLAN_FILE).write_text(json.dumps(plan))
    write_trajectories(copy / TRAJECTORY_FILE, won)
    with pytest.raises(errors.ArgumentError, match=f"{len(won)} of 24"):
        submit(copy, store, suite=suite)


def test_submit__refuses_a_corrupt_line(store: Store, copy: Path, suite: ExpandedSuite) -> None:
    path = copy / TRAJECTORY_FILE
    path.write_bytes(path.read_bytes().replace(b'"reward":0.0', b'"reward":0.5', 1))
    with pytest.raises(errors.TrajectoryError, match="hash chain breaks at turn"):
        submit(copy, store, suite=suite)


def test_submit__refuses_a_run_that_was_made_for_no_suite(
    store: Store, tmp_path: Path, suite: ExpandedSuite
) -> None:
    run(RunPlan("random", 0, [Episode(0, TOY_ID, seed=0)]), make_agent("random"), tmp_path / "run")
    with pytest.raises(errors.ArgumentError, match="not made for a suite"):
        submit(tmp_path / "run", store, suite=suite)


def test_submit__refuses_a_run_of_another_version(
    store: Store, honest_run: Path, suite: ExpandedSuite
) -> None:
    with pytest.raises(errors.ArgumentError, match="evaluate again"):
        submit(honest_run, store, suite=replace(suite, version=2))


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 81, "a\x1b[31mb", "line\nbreak", "\u202edesrever", "\ud800"]
)
def test_submit__refuses_a_name_that_cannot_be_shown(
    store: Store, honest_run: Path, suite: ExpandedSuite, name: str
) -> None:
    with pytest.raises(errors.ArgumentError, match="cannot be shown"):
        submit(honest_run, store, suite=suite, name=name)
    assert store.ids() == []


def test_submit__survives_hostile_text_in_an_agent_and_its_errors(
    store: Store, copy: Path, suite: ExpandedSuite
) -> None:
    hostile = "\x1b]0;gone\x07[red]\ud800'; DROP TABLE submissions; --"
    loud = [replace(t, agent=hostile) for t in load_run(copy)[1]]
    steps = loud[VICTIM].steps
    loud[VICTIM] = replace(
        loud[VICTIM], steps=steps[:1], final_observation=steps[1].observation, error="agent: " + hostile
    )
    write_trajectories(copy / TRAJECTORY_FILE, loud)
    submit(copy, store, suite=suite)
    (entry,) = store.all()
    assert "\x1b" not in entry.name and "DROP TABLE" in entry.name
    assert entry.metrics.errored[0].error.startswith("agent: ")
