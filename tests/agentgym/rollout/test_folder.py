"""Runs on disk: killed at any moment, resumed with nothing lost and nothing counted twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agentgym.agents import make_agent
from agentgym.errors import ArgumentError, TrajectoryError
from agentgym.rollout import PLAN_FILE, TRAJECTORY_FILE, Episode, RunPlan, load_run, run
from agentgym.trajectory import read_trajectories
from tests.toys import TOY_ID

_ROOT = Path(__file__).parents[3]


def _plan(n: int = 30, seed: int = 0) -> RunPlan:
    return RunPlan("random", seed, tuple(Episode(k, TOY_ID, seed=k, group=k) for k in range(n)), {"a": "b"})


def test_run__returns_and_stores_the_same_episodes(tmp_path: Path) -> None:
    played = run(_plan(), make_agent("random"), tmp_path)
    plan, stored = load_run(tmp_path)
    assert plan == _plan()
    assert [t.episode for t in stored] == list(range(30))
    assert [t.to_json() for t in stored] == [t.to_json() for t in played]


def test_run__resumes_after_any_cut(tmp_path: Path) -> None:
    whole = [t.without_timing() for t in run(_plan(8), make_agent("random"), tmp_path / "whole")]
    data = (tmp_path / "whole" / TRAJECTORY_FILE).read_bytes()
    for cut in random.Random(0).sample(range(len(data)), 12):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / PLAN_FILE).write_bytes((tmp_path / "whole" / PLAN_FILE).read_bytes())
        (folder / TRAJECTORY_FILE).write_bytes(data[:cut])
        half_written = cut > 0 and data[cut - 1 : cut] != b"\n"
        if half_written:
            with pytest.raises(TrajectoryError, match="half-written"):
                load_run(folder)
            with pytest.warns(UserWarning, match="half-written trajectory"):
                again = run(_plan(8), make_agent("random"), folder)
        else:
            again = run(_plan(8), make_agent("random"), folder)
        assert [t.without_timing() for t in again] == whole
        assert len(load_run(folder)[1]) == 8


def test_run__a_corrupt_line_is_reported_not_repaired(tmp_path: Path) -> None:
    run(_plan(5), make_agent("random"), tmp_path)
    path = tmp_path / TRAJECTORY_FILE
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"reward":0.0', b'"reward":1.0', 1)
    path.write_bytes(b"".join(lines))
    with pytest.raises(TrajectoryError, match=r"trajectories.jsonl:3: .*turn"):
        run(_plan(5), make_agent("random"), tmp_path)
    assert path.read_bytes() == b"".join(lines)


def test_run__refuses_another_plan(tmp_path: Path) -> None:
    run(_plan(), make_agent("random"), tmp_path)
    with pytest.raises(ArgumentError, match="agent_seed differ"):
        run(_plan(seed=1), make_agent("random"), tmp_path)
    with pytest.raises(ArgumentError, match="episodes differ"):
        run(replace(_plan(), episodes=_plan(31).episodes), make_agent("random"), tmp_path)


@pytest.mark.parametrize("plan", [_plan(2), replace(_plan(3), episodes=(Episode(0, TOY_ID, seed=9),))])
def test_run__episodes_of_another_run_are_refused(tmp_path: Path, plan: RunPlan) -> None:
    run(_plan(3), make_agent("random"), tmp_path)
    before = (tmp_path / TRAJECTORY_FILE).read_bytes()
    (tmp_path / PLAN_FILE).unlink()
    with pytest.raises(TrajectoryError, match="which is none of this run's"):
        run(plan, make_agent("random"), tmp_path)
    assert (tmp_path / TRAJECTORY_FILE).read_bytes() == before


@pytest.mark.parametrize(("text", "told"), [("[]", "holds a list, no plan"), ("{", "is no JSON")])
def test_run__a_plan_that_is_none_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / PLAN_FILE).write_text(text)
    with pytest.raises(TrajectoryError, match=told):
        run(_plan(1), make_agent("random"), tmp_path)


def test_load_run__names_what_is_missing(tmp_path: Path) -> None:
    run(_plan(5), make_agent("random"), tmp_path)
    path = tmp_path / TRAJECTORY_FILE
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    with pytest.raises(TrajectoryError, match="3 trajectories for 5 episodes"):
        load_run(tmp_path)
    with pytest.raises(TrajectoryError, match=r"no readable run\.json"):
        load_run(tmp_path / "nowhere")


@pytest.mark.slow
def test_rollout_command__survives_kill_at_random_moments(tmp_path: Path) -> None:
    code = "import tests.toys, agentgym.cli.main as m; m.main()"
    arguments = ["--env", TOY_ID, "--agent", "random", "--episodes", "6000", "--slots", "4", "--out"]
    command = [sys.executable, "-c", code, "rollout", *arguments]
    subprocess.run([*command, str(tmp_path / "whole")], check=True, cwd=_ROOT, capture_output=True)
    chance, killed = random.Random(1), 0
    for _ in range(40):
        process = subprocess.Popen(
            [*command, str(tmp_path / "killed")],
            cwd=_ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        before = _size(tmp_path / "killed" / TRAJECTORY_FILE)
        while process.poll() is None and _size(tmp_path / "killed" / TRAJECTORY_FILE) <= before:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.4)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        if process.returncode == 0:
            break
    assert killed >= 2, "the run ended before it could be killed: make it longer"
    subprocess.run([*command, str(tmp_path / "killed")], check=True, cwd=_ROOT, capture_output=True)
    whole, again = (
        sorted(read_trajectories(tmp_path / name / TRAJECTORY_FILE), key=lambda t: t.episode)
        for name in ("whole", "killed")
    )
    assert [t.without_timing() for t in again] == [t.without_timing() for t in whole]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def test_run__two_processes_cannot_write_to_one_run(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX);"
            "print('held', flush=True); sys.stdin.read()",
            str(tmp_path / "lock"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(ArgumentError, match="Another process"):
            run(_plan(2), make_agent("random"), tmp_path)
    finally:
        holder.communicate()
    assert len(run(_plan(2), make_agent("random"), tmp_path)) == 2


def test_run__plan_is_plain_json(tmp_path: Path) -> None:
    run(_plan(2), make_agent("random"), tmp_path)
    record = json.loads((tmp_path / PLAN_FILE).read_text())
    assert record["agent"] == "random"
    assert record["episodes"][1] == {
        "number": 1,
        "env_id": TOY_ID,
        "seed": 1,
        "task": None,
        "group": 1,
        "env_kwargs": {},
    }
