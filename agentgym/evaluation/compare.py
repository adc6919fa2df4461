"""The paired comparison of two runs: the difference over shared starts, and whether it holds."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError
from agentgym.evaluation.intervals import bootstrap_ratio, sign_flip_p
from agentgym.evaluation.outcomes import Outcome, sum_units, units

__all__ = ["Comparison", "Contrast", "compare"]

FloatArray = NDArray[np.float64]

_ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Contrast:
    """A difference between two runs, first minus second.

    Attributes:
        value: The difference of the means over the shared starts.
        low: Lower end of the paired 95 % bootstrap interval; `value` where there is one unit.
        high: Upper end.
        p_value: Of the two-sided sign-flip test over units.
        supported: Whether the interval leaves out 0 and the test rejects at 0.05. Both are asked: with few
            units, all of which agree, the bootstrap alone would be sure of anything.
    """

    value: float
    low: float
    high: float
    p_value: float
    supported: bool

    def __str__(self) -> str:
        verdict = "supported" if self.supported else "not supported"
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}], p = {self.p_value:.2g}: {verdict}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side.

    Attributes:
        success: Difference of the success rates.
        score: Difference of the scores.
        starts: Number of starts (environment, arguments, task and seed) that both runs have.
        units: Number of independent units among them: tasks, or starts where there are fewer than ten tasks.
        unmatched: Number of starts that only one of the runs has; they are left out.
    """

    success: Contrast
    score: Contrast
    starts: int
    units: int
    unmatched: int

    def to_record(self) -> dict[str, Any]:
        """Return the comparison as a JSON object."""
        return dataclasses.asdict(self)


def compare(first: Sequence[Outcome], second: Sequence[Outcome], rng: np.random.Generator) -> Comparison:
    """Compare two runs over the starts that they share; repeats of a start are averaged first.

    Args:
        first: Outcomes of one run.
        second: Outcomes of the other.
        rng: Source of the resamples and sign patterns.

    Raises:
        ArgumentError: The runs share no start.
    """
    one, two = _by_start(first), _by_start(second)
    shared = [start for start in one if start in two]
    if not shared:
        raise ArgumentError(
            "The two runs share no start (environment, arguments, task and seed): they cannot be compared. "
            "Evaluate both with the same --env, --split, --episodes and --seed, or with the same --suite."
        )
    unit = units([one[start][0] for start in shared])

    def contrast(name: str) -> Contrast:
        gap = np.array([_mean(one[s], name) - _mean(two[s], name) for s in shared])
        return _contrast(sum_units(gap, unit), sum_units(np.ones_like(gap), unit), rng)

    return Comparison(
        success=contrast("success"),
        score=contrast("score"),
        starts=len(shared),
        units=int(unit.max()) + 1,
        unmatched=len(one.keys() ^ two.keys()),
    )


def _by_start(run: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    grouped: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in run:
        grouped[outcome.start].append(outcome)
    return dict(grouped)


def _mean(repeats: Sequence[Outcome], name: str) -> float:
    return float(np.mean([getattr(r, name) for r in repeats]))


def _contrast(gap: FloatArray, count: FloatArray, rng: np.random.Generator) -> Contrast:
    estimate = bootstrap_ratio(gap, count, rng)
    low = estimate.value if estimate.low is None else estimate.low
    high = estimate.value if estimate.high is None else estimate.high
    p_value = sign_flip_p(gap, rng)
    return Contrast(estimate.value, low, high, p_value, supported=not low <= 0 <= high and p_value <= _ALPHA)
