"""What an episode comes to: success and score, keyed by start and task so that two runs can be paired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentgym.hashing import digest
from agentgym.trajectory import Trajectory

__all__ = ["MIN_TASKS", "Outcome", "outcomes", "sum_units", "units"]

MIN_TASKS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one episode.

    Attributes:
        start: Digest of environment, arguments, task and seed: equal for two episodes that start alike.
        task: Digest of environment, arguments and task.
        success: Whether it succeeded; False for an errored episode.
        score: Its score in [0, 1]; 0 for an errored episode.
    """

    start: str
    task: str
    success: bool
    score: float


def outcomes(trajectories: Sequence[Trajectory]) -> tuple[Outcome, ...]:
    """Reduce trajectories to what is counted."""
    return tuple(_outcome(t) for t in trajectories)


def units(episodes: Sequence[Outcome]) -> NDArray[np.int64]:
    """Number the independent units of a sample.

    Episodes of one task are not independent: a hard task is hard every time. The unit is therefore the task.
    Where there are fewer than ten tasks, too few to resample, it is the start (task and seed), and an
    interval then speaks of these very tasks.

    Args:
        episodes: Shape (E,).

    Returns:
        The unit of each episode, shape (E,), int64, numbered from 0.
    """
    tasks = [e.task for e in episodes]
    keys = tasks if len(set(tasks)) >= MIN_TASKS else [e.start for e in episodes]
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def sum_units(values: NDArray[np.float64], unit: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum values, shape (E,), within each unit; shape (U,), float64."""
    return np.bincount(unit, weights=values).astype(np.float64)


def _outcome(trajectory: Trajectory) -> Outcome:
    task = [trajectory.env_id, dict(trajectory.env_kwargs), trajectory.task_id]
    return Outcome(
        start=digest([*task, trajectory.seed]),
        task=digest(task),
        success=trajectory.success,
        score=float(trajectory.score),
    )
