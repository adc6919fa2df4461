"""Full disks, power cuts, flipped bits, kills: nothing acknowledged is lost, nothing is counted twice."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentgym.agents import make_agent
from agentgym.errors import TrajectoryError
from agentgym.evaluation import evaluate
from agentgym.rollout import PLAN_FILE, TRAJECTORY_FILE, Episode, RunPlan, load_run, run
from agentgym.trajectory import Trajectory
from tests.killing import in_a_child, kill_at
from tests.toys import TOY_ID

_KWARGS = {"wind": 0.0, "max_steps": 2}


def _plan(n: int, **kwargs: Any) -> RunPlan:
    episodes = [Episode(k, TOY_ID, seed=k, group=k, env_kwargs={**_KWARGS, **kwargs}) for k in range(n)]
    return RunPlan("random", 0, episodes)


def _run(plan: RunPlan, folder: Path) -> list[Trajectory]:
    return [t.without_timing() for t in run(plan, make_agent("random"), folder)]


@pytest.fixture
def finished(tmp_path: Path) -> tuple[RunPlan, bytes, list[Trajectory]]:
    """A run of three episodes: its plan, its log and what it contains."""
    plan = _plan(3)
    played = _run(plan, tmp_path / "whole")
    return plan, (tmp_path / "whole" / TRAJECTORY_FILE).read_bytes(), played


@pytest.fixture
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disk, where no power is going to be cut but in the test's own mind."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


def _left_behind(tmp_path: Path, log: bytes) -> Path:
    """Return a folder in which a run was broken off, its log being what is left."""
    folder = tmp_path / "broken"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(tmp_path / "whole" / PLAN_FILE, folder)
    (folder / TRAJECTORY_FILE).write_bytes(log)
    return folder


@pytest.mark.usefixtures("quick_disk")
def test_run__power_may_go_at_any_byte(
    finished: tuple[RunPlan, bytes, list[Trajectory]], tmp_path: Path
) -> None:
    plan, log, played = finished
    for cut in range(len(log) + 1):
        folder = _left_behind(tmp_path, log[:cut])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            again = _run(plan, folder)
        torn = cut - (log[:cut].rfind(b"\n") + 1)
        assert [str(w.message).partition("last ")[2].split()[0] for w in caught] == [str(torn)] * (torn > 0)
        assert again == played
        assert (folder / TRAJECTORY_FILE).read_bytes().count(b"\n") == 3


@pytest.mark.usefixtures("quick_disk")
@pytest.mark.parametrize("block", [16, 64, 512])
def test_run__blocks_that_never_reached_the_disk_are_played_again(
    block: int, finished: tuple[RunPlan, bytes, list[Trajectory]], tmp_path: Path
) -> None:
    plan, log, played = finished
    for start in range(0, len(log), block):
        lost = log[:start] + b"\0" * len(log[start : start + block]) + log[start + block :]
        folder = _left_behind(tmp_path, lost)
        with pytest.warns(UserWarning, match="half-written trajectory"):
            assert _run(plan, folder) == played
        assert len(load_run(folder)[1]) == 3


def test_run__a_flipped_bit_is_named_and_nothing_is_changed(
    finished: tuple[RunPlan, bytes, list[Trajectory]], tmp_path: Path
) -> None:
    plan, log, played = finished
    clocks = [log.rfind(b'"timing"', 0, end) for end in (k for k in range(len(log)) if log[k] == 10)]
    noticed = 0
    for place in range(0, len(log), 7):
        line = log[:place].count(b"\n")
        flipped = bytearray(log)
        flipped[place] ^= 1
        if place >= clocks[line] or flipped[place] == 10 or log[place] == 10:
            continue  # clocks are no part of the chain, and a line feed tears a line
        folder = _left_behind(tmp_path, bytes(flipped))
        with pytest.raises(TrajectoryError, match=rf"jsonl:{line + 1}: .*Delete that line"):
            _run(plan, folder)
        assert (folder / TRAJECTORY_FILE).read_bytes() == bytes(flipped)
        noticed += 1
    assert noticed > 50
    lines = log.splitlines(keepends=True)
    assert _run(plan, _left_behind(tmp_path, lines[0] + lines[2])) == played  # as the message says


def test_run__an_episode_that_is_there_twice_is_not_counted_twice(
    finished: tuple[RunPlan, bytes, list[Trajectory]], tmp_path: Path
) -> None:
    plan, log, _ = finished
    lines = log.splitlines(keepends=True)
    folder = _left_behind(tmp_path, lines[0] + lines[1] + lines[0])
    with pytest.raises(TrajectoryError, match="episode 0 more than once"):
        _run(plan, folder)


def test_run__the_disk_holds_what_was_synced_when_the_power_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[int, int] = {}
    sync = os.fsync

    def remember(file: int) -> None:
        sync(file)
        kept[os.fstat(file).st_ino] = os.fstat(file).st_size

    monkeypatch.setattr(os, "fsync", remember)
    monkeypatch.setattr("agentgym.rollout.folder._SYNC_EVERY_S", 0.0)
    acknowledged: list[int] = []
    log = tmp_path / TRAJECTORY_FILE

    def power_cut(trajectory: Trajectory) -> None:
        acknowledged.append(trajectory.episode)
        if len(acknowledged) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(_plan(9), make_agent("random"), tmp_path, slots=2, on_done=power_cut)
    os.truncate(log, kept[log.stat().st_ino])
    assert kept[(tmp_path / PLAN_FILE).stat().st_ino] == (tmp_path / PLAN_FILE).stat().st_size
    told: list[int] = []
    run(_plan(9), make_agent("random"), tmp_path, on_done=lambda t: told.append(t.episode))
    assert told[:4] == acknowledged
    assert sorted(told) == list(range(9))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user may not mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_run__a_full_disk_costs_no_episode(small_disk: Path) -> None:
    told: list[int] = []
    with pytest.raises(OSError, match=r"No space left on device\. All episodes before are safe") as caught:
        run(_plan(100), make_agent("random"), small_disk, on_done=lambda t: told.append(t.episode))
    assert str(caught.value.filename).endswith(TRAJECTORY_FILE)
    log = (small_disk / TRAJECTORY_FILE).read_bytes()
    assert log.count(b"\n") == len(told) > 10
    assert log.endswith(b"\n"), "half a line is left"
    subprocess.run(["mount", "-o", "remount,size=2m", str(small_disk)], check=True)
    again: list[int] = []
    played = run(_plan(100), make_agent("random"), small_disk, on_done=lambda t: again.append(t.episode))
    assert again[: len(told)] == told
    assert sorted(again) == list(range(100))
    assert len(played) == 100


def test_run__a_quota_costs_no_episode(tmp_path: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
        _run(_plan(5), tmp_path)  # the plan fits, the log does not

    assert in_a_child(limited) == 7
    left = (tmp_path / TRAJECTORY_FILE).read_bytes()
    assert 0 < left.count(b"\n") < 5
    assert _run(_plan(5), tmp_path) == _run(_plan(5), tmp_path.with_name("whole"))
    assert (tmp_path / TRAJECTORY_FILE).read_bytes().startswith(left)


@pytest.mark.filterwarnings("ignore:.*half-written trajectory")
@pytest.mark.parametrize("cumulative", [False, True], ids=["once", "again and again"])
def test_eval__survives_kill_minus_nine_at_every_boundary(cumulative: bool, tmp_path: Path) -> None:
    def work(folder: Path) -> dict[str, Any]:
        found = evaluate(TOY_ID, "random", episodes=3, seed=2, out=folder, env_kwargs=_KWARGS).to_record()
        record = {name: fact for name, fact in found["record"].items() if name != "git"}
        return {"rows": {k: _timeless(v) for k, v in found["rows"].items()}, "record": record}

    expected, kills, chance = work(tmp_path / "whole"), 0, random.Random(0)
    for boundary in range(200):
        folder = tmp_path / ("one" if cumulative else str(boundary))

        def killed(
            boundary: int = chance.randrange(4, 14) if cumulative else boundary, folder: Path = folder
        ) -> None:
            kill_at(boundary, folder)
            work(folder)

        ended = in_a_child(killed)
        assert ended in (0, -signal.SIGKILL)
        kills += ended != 0
        if ended == 0 or not cumulative:
            assert work(folder) == expected
        if ended == 0:
            break
    assert kills >= 4, "it was hardly killed"
    assert ended == 0, "it never ended"


def _timeless(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metrics.items() if name not in ("model_s", "env_s")}
