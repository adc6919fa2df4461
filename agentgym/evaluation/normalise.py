"""Scores between the random floor and the oracle ceiling: settings of unlike difficulty can be averaged.

    normalised = (score - floor) / (ceiling - floor)

0 is what random actions reach and 1 what the expert reaches; a score below the floor is negative. The suite's
number is the mean over its settings, each counted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentgym.evaluation.expansion import ExpandedSuite, Rules
from agentgym.evaluation.intervals import Estimate
from agentgym.evaluation.outcomes import Outcome, sum_units, units

__all__ = ["Normalised", "SettingScore", "normalise"]

FloatArray = NDArray[np.float64]
_DRAWS = 2_000
_LEAST_WIDTH = 0.1


@dataclass(frozen=True, slots=True)
class SettingScore:
    """What came of one setting.

    Attributes:
        env_id: Its environment.
        split: Its split.
        episodes: Number of its episodes.
        success: Share of them that reached the goal.
        score: Their mean score.
        floor: Mean score of the random agent; None where it was not measured.
        ceiling: Mean score of the oracle; None likewise.
        normalised: The score between the two; None where they are not known or lie within 0.1: what chance
            does to a floor or a ceiling would then be blown up to a number of its own.
    """

    env_id: str
    split: str
    episodes: int
    success: float
    score: float
    floor: float | None
    ceiling: float | None
    normalised: Estimate | None


@dataclass(frozen=True, slots=True)
class Normalised:
    """The normalised score of a run.

    Attributes:
        score: Mean over the settings that have one, with its 95 % interval over tasks; None where none has.
        settings: Each setting, in the suite's order.
    """

    score: Estimate | None
    settings: tuple[SettingScore, ...]


def normalise(suite: ExpandedSuite, results: Sequence[Outcome]) -> Normalised:
    """Place a run between floor and ceiling.

    Args:
        suite: What was played.
        results: Outcome of each of its episodes, in order, shape (E,).
    """
    rng = np.random.default_rng(0)
    settings, samples = [], []
    for number, rules in enumerate(suite.rules):
        places = [i for i, entry in enumerate(suite.entries) if entry.setting == number]
        score, sample = _setting(suite, rules, places, [results[i] for i in places], rng)
        settings.append(score)
        if sample is not None:
            samples.append(sample)
    values = [s.normalised.value for s in settings if s.normalised is not None]
    if not values:
        return Normalised(None, tuple(settings))
    return Normalised(_bounded(float(np.mean(values)), np.mean(samples, axis=0)), tuple(settings))


def _setting(
    suite: ExpandedSuite,
    rules: Rules,
    places: Sequence[int],
    results: Sequence[Outcome],
    rng: np.random.Generator,
) -> tuple[SettingScore, FloatArray | None]:
    """Return the score of one setting, and resamples of its normalised mean, shape (2000,)."""
    first = suite.entries[places[0]]
    scores = np.asarray([r.score for r in results])
    floor, ceiling = rules.floor.get("score"), rules.ceiling.get("score")
    normalised, sample = None, None
    if floor is not None and ceiling is not None and ceiling - floor >= _LEAST_WIDTH:
        width = ceiling - floor
        sample = (_resampled_means(scores, units(results), rng) - floor) / width
        normalised = _bounded((float(scores.mean()) - floor) / width, sample)
    success = float(np.mean([r.success for r in results]))
    setting = SettingScore(
        first.episode.env_id,
        first.split,
        len(results),
        success,
        float(scores.mean()),
        floor,
        ceiling,
        normalised,
    )
    return setting, sample


def _resampled_means(scores: FloatArray, unit: NDArray[np.int64], rng: np.random.Generator) -> FloatArray:
    """Draw tasks with replacement and return the means, shape (2000,)."""
    sums, counts = sum_units(scores, unit), sum_units(np.ones(len(scores)), unit)
    picks = rng.integers(len(sums), size=(_DRAWS, len(sums)))
    return np.asarray(sums[picks].sum(axis=1) / counts[picks].sum(axis=1))


def _bounded(value: float, sample: FloatArray) -> Estimate:
    low, high = np.quantile(sample, [0.025, 0.975])
    return Estimate(value, float(low), float(high))
