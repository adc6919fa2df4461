"""The numbers of a run, each with its interval. An errored episode is a failure, never left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError
from agentgym.evaluation.intervals import Estimate, bootstrap_ratio, wilson
from agentgym.evaluation.outcomes import sum_units, units
from agentgym.evaluation.summary import EpisodeSummary, summarise
from agentgym.registry import env_class
from agentgym.trajectory import Trajectory

__all__ = ["Errored", "Metrics", "measure", "measure_episodes", "parts", "success_by_part"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Errored:
    """An episode that broke off.

    Attributes:
        episode: Its number.
        task_id: Its task.
        error: Why.
    """

    episode: int
    task_id: str
    error: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a run comes to; all means are per episode, all intervals hold at 95 %.

    Attributes:
        episodes: Number of episodes, errored ones included: the denominator of every mean.
        tasks: Number of different tasks.
        success: Share of episodes that reached the goal.
        score: Mean score in [0, 1].
        episode_return: Mean sum of rewards.
        turns: Mean number of turns.
        invalid_rate: Share of all actions that the environment did not accept.
        tokens: Mean number of response tokens.
        cost: Mean cost of the answers, in the currency of the agent's prices.
        model_s: Mean seconds spent in the agent.
        env_s: Mean seconds spent in the environment.
        errored: The episodes that broke off.
    """

    episodes: int
    tasks: int
    success: Estimate
    score: Estimate
    episode_return: Estimate
    turns: Estimate
    invalid_rate: Estimate
    tokens: Estimate
    cost: Estimate
    model_s: Estimate
    env_s: Estimate
    errored: tuple[Errored, ...]

    def to_record(self) -> dict[str, Any]:
        """Return the metrics as a JSON object."""
        return dataclasses.asdict(self)


def measure(trajectories: Sequence[Trajectory], rng: np.random.Generator) -> Metrics:
    """Measure a run; see `measure_episodes`.

    Args:
        trajectories: The episodes, shape (E,), at least one.
        rng: Source of the resamples.

    Raises:
        ArgumentError: There is no episode.
    """
    return measure_episodes([summarise(t) for t in trajectories], rng)


def measure_episodes(episodes: Sequence[EpisodeSummary], rng: np.random.Generator) -> Metrics:
    """Measure a run whose trajectories are not at hand.

    Intervals take the task as the independent unit (see `agentgym.evaluation.outcomes.units`): Wilson's for
    success, the bootstrap over units for all else, Wilson's again where a number in [0, 1] is the same in
    every unit and resampling would claim to know it exactly.

    Args:
        episodes: Shape (E,), at least one.
        rng: Source of the resamples.

    Raises:
        ArgumentError: There is no episode.
    """
    if not episodes:
        raise ArgumentError("A run without episodes has no metrics. Pass at least one trajectory.")
    results = [e.outcome for e in episodes]
    unit = units(results)
    ones = np.ones(len(episodes))
    turns = _column([e.turns for e in episodes])
    invalid = _column([e.invalid for e in episodes])

    def mean(values: list[float]) -> Estimate:
        return _ratio(_column(values), ones, unit, rng)

    return Metrics(
        episodes=len(episodes),
        tasks=len({r.task for r in results}),
        success=wilson_over_units(_column([r.success for r in results]), unit),
        score=_bounded(_column([r.score for r in results]), ones, unit, rng),
        episode_return=mean([e.episode_return for e in episodes]),
        turns=_ratio(turns, ones, unit, rng),
        invalid_rate=_bounded(invalid, turns, unit, rng),
        tokens=mean([e.tokens for e in episodes]),
        cost=mean([e.cost for e in episodes]),
        model_s=mean([e.model_s for e in episodes]),
        env_s=mean([e.env_s for e in episodes]),
        errored=tuple(Errored(e.number, e.task_id, e.error) for e in episodes if e.error is not None),
    )


def success_by_part(trajectories: Sequence[Trajectory]) -> dict[str, Estimate]:
    """Return the success on each environment and kind of task, in the order of their first episodes."""
    return {
        part: _success(some)
        for part, some in parts([summarise(trajectory) for trajectory in trajectories]).items()
    }


def parts(episodes: Sequence[EpisodeSummary]) -> dict[str, list[EpisodeSummary]]:
    """Sort episodes by environment and kind of task, in the order of their first episodes."""
    found: dict[str, list[EpisodeSummary]] = {}
    for episode in episodes:
        kind = env_class(episode.env_id).kind_of(episode.task_id)
        found.setdefault(f"{episode.env_id} {kind}".strip(), []).append(episode)
    return found


def _success(episodes: Sequence[EpisodeSummary]) -> Estimate:
    results = [e.outcome for e in episodes]
    return wilson_over_units(_column([r.success for r in results]), units(results))


def wilson_over_units(values: FloatArray, unit: NDArray[np.int64]) -> Estimate:
    """Bound the mean of values in [0, 1] by Wilson's interval with as many trials as there are units.

    Args:
        values: Shape (E,), float64, in [0, 1].
        unit: Unit of each value, shape (E,), int64, numbered from 0.
    """
    n = int(unit.max()) + 1
    return wilson(min(float(values.mean()), 1.0) * n, n)


def _column(values: Sequence[float]) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _ratio(
    numerator: FloatArray, denominator: FloatArray, unit: NDArray[np.int64], rng: np.random.Generator
) -> Estimate:
    return bootstrap_ratio(sum_units(numerator, unit), sum_units(denominator, unit), rng)


def _bounded(
    numerator: FloatArray, denominator: FloatArray, unit: NDArray[np.int64], rng: np.random.Generator
) -> Estimate:
    estimate = _ratio(numerator, denominator, unit, rng)
    if denominator.sum() > 0 and (estimate.low is None or estimate.low == estimate.high):
        return wilson_over_units(np.full(len(unit), min(max(estimate.value, 0.0), 1.0)), unit)
    return estimate
