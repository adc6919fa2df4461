"""Several finished runs side by side: their numbers, and each pair compared over the starts it shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError
from agentgym.evaluation.aggregate import stratified_bootstrap
from agentgym.evaluation.compare import Comparison, compare
from agentgym.evaluation.intervals import Estimate
from agentgym.evaluation.metrics import Metrics, measure
from agentgym.evaluation.outcomes import Outcome, outcomes
from agentgym.trajectory import Trajectory

__all__ = ["Contest", "contest"]


@dataclass(frozen=True, slots=True)
class Contest:
    """Runs side by side.

    Attributes:
        rows: Metrics of each run, by name.
        middle: Interquartile mean of the score over tasks, with an interval over repeats, by run.
        pairs: The comparison of each two runs, first minus second.
    """

    rows: Mapping[str, Metrics]
    middle: Mapping[str, Estimate]
    pairs: Mapping[tuple[str, str], Comparison]

    def to_record(self) -> dict[str, Any]:
        """Return the contest as a JSON object."""
        return {
            "rows": {name: metrics.to_record() for name, metrics in self.rows.items()},
            "interquartile_mean": {name: asdict(estimate) for name, estimate in self.middle.items()},
            "pairs": [
                {"first": one, "second": two, **comparison.to_record()}
                for (one, two), comparison in self.pairs.items()
            ],
        }


def contest(runs: Mapping[str, Sequence[Trajectory]], *, seed: int = 0) -> Contest:
    """Compare runs.

    Args:
        runs: The episodes of each run, by name; at least two runs.
        seed: Seed of the resamples.

    Raises:
        ArgumentError: There are fewer than two runs, or two of them share no start.
    """
    if len(runs) < 2:
        raise ArgumentError("A comparison needs two runs. Pass two folders of `agentgym eval --out`.")
    results = {name: outcomes(run) for name, run in runs.items()}
    return Contest(
        rows={name: measure(run, _rng(seed)) for name, run in runs.items()},
        middle={name: stratified_bootstrap(_by_task(result), _rng(seed)) for name, result in results.items()},
        pairs={
            (one, two): compare(results[one], results[two], _rng(seed)) for one, two in combinations(runs, 2)
        },
    )


def _by_task(episodes: Sequence[Outcome]) -> NDArray[np.float64]:
    """Scores as a matrix of size (runs, tasks); tasks with more repeats than others lose the last."""
    scores: dict[str, list[float]] = defaultdict(list)
    for episode in episodes:
        scores[episode.task].append(episode.score)
    runs = min(map(len, scores.values()))
    return np.array([values[:runs] for values in scores.values()]).T


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)
