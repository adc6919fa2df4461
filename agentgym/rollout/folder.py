"""A run on disk: its plan and its trajectories, safe against being killed at any moment.

    <folder>/run.json              the plan, written once, whole
    <folder>/trajectories.jsonl    one finished episode a line, appended as episodes end

Only whole lines count. A run that is started again plays exactly the episodes that have no line yet.

What a process was told of has been given to the kernel: kill -9 loses none of it. The disk is made to hold it
every second and at the end: when the power goes, at most the last second is lost, and played again. A line
that is neither whole nor torn off at the end was altered: it is named, and nothing is changed.
"""

from __future__ import annotations

import json
import os
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from typing import Any

from agentgym.agents.protocol import Agent
from agentgym.errors import ArgumentError, TrajectoryError
from agentgym.files import claim, sync, write_json
from agentgym.profiling import timed
from agentgym.rollout.isolation import Isolation
from agentgym.rollout.plan import Episode, RunPlan
from agentgym.rollout.ray_workers import RayWorkers
from agentgym.rollout.tries import play
from agentgym.trajectory import Trajectory, read_trajectories

__all__ = ["PLAN_FILE", "TRAJECTORY_FILE", "load_run", "run"]

SCHEMA = "agentgym.run/1"
PLAN_FILE = "run.json"
TRAJECTORY_FILE = "trajectories.jsonl"
_SYNC_EVERY_S = 1.0


def run(
    plan: RunPlan,
    agent: Agent,
    folder: Path,
    *,
    slots: int = 64,
    isolation: Isolation | None = None,
    workers: RayWorkers | None = None,
    on_done: Callable[[Trajectory], None] | None = None,
) -> list[Trajectory]:
    """Play what a run still lacks, append it, and return all its trajectories in episode order.

    Args:
        plan: What the run is to contain.
        agent: Who acts; made from `plan.agent`.
        folder: Where the run lives; made if absent.
        slots: Number of episodes alive at once.
        isolation: Whether environments get processes of their own; see `collect`.
        workers: Who plays instead of this process. They make the agent anew, from `plan.agent` and the
            options in `plan.labels`.
        on_done: Called with every trajectory, those of earlier starts first.

    Raises:
        ArgumentError: The folder holds another run, or another process is at work in it.
        TrajectoryError: A line that is already there is corrupt, or is no episode of the plan.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with claim(folder):
        _settle_plan(plan, folder)
        done = {t.episode: t for t in _resume(folder / TRAJECTORY_FILE)}
        _refuse_strangers(plan, done, folder / TRAJECTORY_FILE)
        for trajectory in done.values():
            if on_done is not None:
                on_done(trajectory)
        missing = [episode for episode in plan.episodes if episode.number not in done]
        with (folder / TRAJECTORY_FILE).open("ab", buffering=0) as file:
            sync(folder)
            how: dict[str, Any] = {"agent_seed": plan.agent_seed, "slots": slots, "isolation": isolation}
            if workers is None:
                played = play(missing, agent, **how)
            else:
                played = workers.collect(missing, plan.agent, plan.agent_options, **how)
            for trajectory in _appended(file, played):
                done[trajectory.episode] = trajectory
                if on_done is not None:
                    on_done(trajectory)
    return [done[episode.number] for episode in plan.episodes]


def load_run(folder: Path) -> tuple[RunPlan, list[Trajectory]]:
    """Read a finished run.

    Returns:
        The plan and its trajectories in episode order.

    Raises:
        TrajectoryError: There is no run, it is unfinished, or a line is corrupt or superfluous.
    """
    try:
        plan = _plan_from_json(json.loads((folder / PLAN_FILE).read_text(encoding="ascii")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrajectoryError(
            f"{folder} holds no readable {PLAN_FILE}: {error!r}. Pass the folder of a run."
        ) from error
    path = folder / TRAJECTORY_FILE
    trajectories = list(read_trajectories(path)) if path.exists() else []
    numbers = sorted(t.episode for t in trajectories)
    wanted = [episode.number for episode in plan.episodes]
    if numbers != wanted:
        lack = len(set(wanted) - set(numbers))
        raise TrajectoryError(
            f"{folder} has {len(numbers)} trajectories for {len(wanted)} episodes ({lack} missing). "
            "Run the same command again to finish it."
        )
    return plan, sorted(trajectories, key=lambda t: t.episode)


def _settle_plan(plan: RunPlan, folder: Path) -> None:
    record = _plan_to_json(plan)
    path = folder / PLAN_FILE
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="ascii"))
        except ValueError as error:
            raise TrajectoryError(f"{path} is no JSON: {error}. Choose another folder.") from error
        if not isinstance(found, dict):
            raise TrajectoryError(f"{path} holds a {type(found).__name__}, no plan. Choose another folder.")
        differing = sorted(key for key in record.keys() | found.keys() if record.get(key) != found.get(key))
        if differing:
            raise ArgumentError(
                f"{folder} holds another run: {', '.join(differing)} differ. "
                "Repeat that run's settings to resume it, or choose another folder."
            )
        return
    write_json(path, record)


def _refuse_strangers(plan: RunPlan, done: Mapping[int, Trajectory], path: Path) -> None:
    planned = {episode.number: episode for episode in plan.episodes}
    for number, found in done.items():
        episode = planned.get(number)
        if episode is None or (found.env_id, found.seed) != (episode.env_id, episode.seed):
            raise TrajectoryError(
                f"{path} has an episode {number} of {found.env_id} from seed {found.seed}, which is none of "
                "this run's. Delete that line, or choose another folder."
            )


def _resume(path: Path) -> list[Trajectory]:
    """Read the whole lines of a run; cut off, with a warning, what a kill or a power cut has left unfinished.

    Raises:
        TrajectoryError: A line was altered, or an episode has two.
    """
    if not path.exists():
        return []
    whole, size = _sound_end(path), path.stat().st_size
    if whole < size:
        warnings.warn(
            f"{path}: the last {size - whole} bytes are a half-written trajectory, as a kill leaves it. "
            "They are cut off and the episode is played again.",
            stacklevel=2,
        )
        os.truncate(path, whole)
        sync(path)
    try:
        found = list(read_trajectories(path))
    except TrajectoryError as error:
        raise TrajectoryError(f"{error} Delete that line: its episode is then played again.") from error
    twice = [number for number, times in Counter(t.episode for t in found).items() if times > 1]
    if twice:
        raise TrajectoryError(
            f"{path} has episode {twice[0]} more than once. Delete all lines of it but one."
        )
    return found


def _sound_end(path: Path) -> int:
    """Return where whole lines end: before one without an end, or with zeros, which stand for lost blocks."""
    end = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n") or b"\0" in line:
                break
            end += len(line)
    return end


def _appended(file: FileIO, trajectories: Iterator[Trajectory]) -> Iterator[Trajectory]:
    synced = time.monotonic()
    for trajectory in trajectories:
        with timed("log"):
            _append(file, trajectory.to_json().encode("ascii") + b"\n")
            if time.monotonic() - synced > _SYNC_EVERY_S:
                os.fsync(file.fileno())
                synced = time.monotonic()
        yield trajectory
    os.fsync(file.fileno())


def _append(file: FileIO, line: bytes) -> None:
    """Write a line, or nothing.

    Raises:
        OSError: The disk is full, or fails.
    """
    whole, left = os.fstat(file.fileno()).st_size, memoryview(line)
    try:
        while left:
            left = left[os.write(file.fileno(), left) :]
    except OSError as error:
        os.truncate(file.fileno(), whole)
        raise OSError(
            error.errno,
            f"{error.strerror}. All episodes before are safe: mend it and run the same command again",
            str(file.name),
        ) from error


def _plan_to_json(plan: RunPlan) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "agent": plan.agent,
        "agent_seed": plan.agent_seed,
        "labels": dict(plan.labels),
        "episodes": [asdict(episode) for episode in plan.episodes],
    }


def _plan_from_json(record: dict[str, Any]) -> RunPlan:
    if record["schema"] != SCHEMA:
        raise ValueError(f"the schema is {record['schema']!r}; this version reads {SCHEMA!r}")
    return RunPlan(
        agent=str(record["agent"]),
        agent_seed=int(record["agent_seed"]),
        episodes=tuple(Episode(**episode) for episode in record["episodes"]),
        labels=dict(record["labels"]),
    )
