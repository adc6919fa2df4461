"""Freeze a suite: write down every start, what the baselines reach, and the hash of it all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from agentgym.agents import make_agent
from agentgym.errors import ArgumentError
from agentgym.evaluation.evaluate import BASELINES
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.lock import Lock, Measured, lock_path, read_lock, write_lock
from agentgym.evaluation.suite import Suite, load_suite, suite_path
from agentgym.rollout import collect
from agentgym.trajectory import Trajectory

__all__ = ["freeze", "measure_baselines"]

_DIGITS = 6

Watch = Callable[[str, Trajectory], None]
"""Called with "floor" or "ceiling" and every episode played."""


def freeze(name: str, *, measure: bool = True, slots: int = 64, watch: Watch = lambda row, t: None) -> Lock:
    """Freeze a suite beside its file.

    Args:
        name: Name or file of the suite.
        measure: Whether the random agent and the oracle play it, for floor and ceiling.
        slots: Number of episodes alive at once.
        watch: Called with every episode that they play.

    Raises:
        ArgumentError: It is frozen already and has changed: its version must be raised first.
    """
    path = suite_path(name)
    before = read_lock(lock_path(path))
    suite = load_suite(str(path)).model_copy(update={"lock": None})
    starts = tuple(tuple(setting.starts()) for setting in suite.settings)
    measured = tuple(Measured() for _ in suite.settings)
    if measure:
        measured = measure_baselines(suite.assemble(starts), slots=slots, watch=watch)
    frozen = suite.assemble(starts, measured)
    _refuse_silent_change(suite, before, frozen.hash, path)
    lock = Lock(suite=suite.name, version=suite.version, hash=frozen.hash, measured=measured, starts=starts)
    write_lock(lock_path(path), lock)
    return lock


def measure_baselines(
    suite: ExpandedSuite, *, slots: int = 64, watch: Watch = lambda row, t: None
) -> tuple[Measured, ...]:
    """Let the random agent and the oracle play a suite.

    Args:
        suite: The suite.
        slots: Number of episodes alive at once.
        watch: Called with every episode.

    Returns:
        What they reach in each setting, shape (S,).
    """
    found = {row: _play(suite, row, spec, slots, watch) for row, spec in BASELINES.items()}
    return tuple(
        Measured(floor=floor, ceiling=ceiling)
        for floor, ceiling in zip(found["floor"], found["ceiling"], strict=True)
    )


def _play(suite: ExpandedSuite, row: str, spec: str, slots: int, watch: Watch) -> list[dict[str, float]]:
    """Return the mean success and score of an agent in each setting, shape (S,)."""
    results: list[list[tuple[bool, float]]] = [[] for _ in suite.rules]
    for trajectory in collect(suite.episodes, make_agent(spec), slots=slots):
        if trajectory.error is not None:
            raise ArgumentError(
                f"{spec} cannot play episode {trajectory.episode} of {suite.title}: {trajectory.error}."
            )
        setting = suite.entries[trajectory.episode].setting
        results[setting].append((trajectory.success, trajectory.score))
        watch(row, trajectory)
    return [_means(of_setting) for of_setting in results]


def _means(results: Sequence[tuple[bool, float]]) -> dict[str, float]:
    success, score = np.mean(np.sort(np.asarray(results, np.float64), axis=0), axis=0)
    return {"success": round(float(success), _DIGITS), "score": round(float(score), _DIGITS)}


def _refuse_silent_change(suite: Suite, before: Lock | None, hash: str, path: Path) -> None:
    if before is not None and before.version >= suite.version and before.hash != hash:
        raise ArgumentError(
            f"{path} was frozen as version {before.version} with hash {before.hash[:8]} and would now have "
            f"{hash[:8]}. Results would no longer compare: raise its version to {before.version + 1} first."
        )
