"""A finished evaluation, run again: the same, or where it parts; and what is written down of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentgym.cli.main import build_app
from agentgym.errors import TrajectoryError
from agentgym.evaluation import evaluate
from agentgym.evaluation.record import differing
from agentgym.evaluation.rerun import rerun
from agentgym.rollout import TRAJECTORY_FILE
from agentgym.trajectory import Trajectory, read_trajectories, write_trajectories
from tests.toys import TOY_ID


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    evaluate(TOY_ID, "random", episodes=12, out=tmp_path, baselines=False, env_kwargs={"max_steps": 9})
    return tmp_path


def _change(folder: Path, number: int, **step: Any) -> None:
    """Rewrite the second step of an episode, hash chain included, as if it had happened so."""
    path = folder / TRAJECTORY_FILE
    changed: list[Trajectory] = []
    for trajectory in read_trajectories(path):
        if trajectory.episode == number:
            steps = list(trajectory.steps)
            steps[1] = replace(steps[1], **step)
            trajectory = replace(trajectory, steps=tuple(steps))
        changed.append(trajectory)
    write_trajectories(path, changed)


def test_rerun__of_an_unchanged_world_is_the_same(finished: Path) -> None:
    report = rerun(finished)
    assert report.ok
    assert report.episodes == 12
    assert report.record == ()
    assert report.success[0] == report.success[1]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"reward": 7.0}, "episode 3, turn 1: the reward was 7.0"),
        ({"observation": "something else"}, "episode 3, turn 1: the observation differs"),
    ],
)
def test_rerun__names_where_an_episode_parts(finished: Path, step: dict[str, Any], said: str) -> None:
    _change(finished, 3, **step)
    report = rerun(finished)
    assert not report.ok
    assert len(report.parted) == 1
    assert report.parted[0].startswith(said)


def test_rerun__names_what_else_differs(finished: Path) -> None:
    path = finished / "result.json"
    result = json.loads(path.read_text())
    result["record"]["packages"]["numpy"] = "1.0"
    path.write_text(json.dumps(result))
    (line,) = rerun(finished).record
    assert line.startswith("packages.numpy: 1.0 -> ")


def test_rerun__needs_a_finished_run(tmp_path: Path) -> None:
    with pytest.raises(TrajectoryError):
        rerun(tmp_path)


def test_record__hashes_what_could_change() -> None:
    def record(**changes: Any) -> dict[str, Any]:
        options: dict[str, Any] = {"episodes": 5, "baselines": False, "env_kwargs": {"max_steps": 9}}
        return dict(evaluate(TOY_ID, "random", **{**options, **changes}).record)

    same, again = record(), record()
    assert same == again
    longer = record(env_kwargs={"max_steps": 9, "length": 9})
    assert {line.partition(":")[0] for line in differing(same, longer)} == {
        "plan_hash",
        "starts_hash",
        "trajectories_hash",
    }
    assert "seeds.agent: 0 -> 5" in differing(same, record(seed=5))


def test_eval__rerun_and_profile_on_the_command_line(tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        found = CliRunner().invoke(build_app(), ["eval", *words])
        return found.exit_code, found.stdout

    place = ["--env", TOY_ID, "--agent", "random", "--episodes", "6", "--out", str(tmp_path)]
    status, text = run(*place, "--profile", "--json")
    assert status == 0
    profile = json.loads(text)["profile"]
    assert profile["parts_s"]["environment"] > 0
    assert sum(profile["parts_s"].values()) == pytest.approx(profile["total_s"])
    assert run("--rerun", str(tmp_path), "--json")[0] == 0
    _change(tmp_path, 2, reward=3.0)
    status, text = run("--rerun", str(tmp_path), "--json")
    assert status == 1
    assert len(json.loads(text)["differences"]) == 1
