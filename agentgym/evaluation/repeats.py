"""What repeats of one start show: pass^k, pass@k and how often the verdict flips between equal runs.

Repeats are episodes with the same environment, arguments, task and seed, of one run or of several.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import comb, sqrt
from typing import Any

import numpy as np

from agentgym.errors import ArgumentError
from agentgym.evaluation.aggregate import stratified_bootstrap
from agentgym.evaluation.intervals import Estimate
from agentgym.evaluation.metrics import wilson_over_units
from agentgym.evaluation.outcomes import Outcome, units

__all__ = [
    "Repeats",
    "flip_rate",
    "noise_floor",
    "pass_at_k",
    "pass_hat_k",
    "repeats_of",
    "summarise_repeats",
]


@dataclass(frozen=True, slots=True)
class Repeats:
    """What repeats show.

    Attributes:
        starts: Number of different starts.
        repeats: Fewest repeats of a start.
        success: Share of successes over all, with Wilson's interval.
        middle: Interquartile mean of the scores over starts, with a stratified bootstrap interval.
        pass_at: pass@k, for k = 1, 2, ... repeats.
        pass_hat: pass^k.
        flip_rate: Chance that two runs of one start disagree.
        noise_floor: What a difference between two runs over these starts must exceed to mean something.
    """

    starts: int
    repeats: int
    success: Estimate
    middle: Estimate
    pass_at: tuple[float, ...]
    pass_hat: tuple[float, ...]
    flip_rate: float
    noise_floor: float

    def to_record(self) -> dict[str, Any]:
        """Return the numbers as a JSON object."""
        return asdict(self)


def repeats_of(episodes: Sequence[Outcome], rng: np.random.Generator) -> Repeats:
    """Measure what repeats show.

    Args:
        episodes: Outcomes with at least two repeats of every start.
        rng: Source of the resamples.

    Raises:
        ArgumentError: A start has one repeat only.
    """
    flips, noise = flip_rate(episodes), noise_floor(episodes)
    scores: dict[str, list[float]] = defaultdict(list)
    for episode in episodes:
        scores[episode.start].append(episode.score)
    k = min(map(len, scores.values()))
    success = np.array([episode.success for episode in episodes], np.float64)
    return Repeats(
        starts=len(scores),
        repeats=k,
        success=wilson_over_units(success, units(episodes)),
        middle=stratified_bootstrap(np.array([values[:k] for values in scores.values()]).T, rng),
        pass_at=tuple(pass_at_k(episodes, n) for n in range(1, k + 1)),
        pass_hat=tuple(pass_hat_k(episodes, n) for n in range(1, k + 1)),
        flip_rate=flips,
        noise_floor=noise,
    )


def pass_hat_k(episodes: Sequence[Outcome], k: int) -> float:
    """Estimate pass^k, the chance that k independent tries at a start *all* succeed.

    The mean over starts of C(c, k) / C(n, k), where c of n tries succeeded.

    Args:
        episodes: Outcomes with at least k repeats of every start.
        k: Number of tries.

    Raises:
        ArgumentError: A start has fewer than k repeats.

    References:
        Yao et al. 2024, tau-bench, section 3. Deviation from the paper: none.
    """
    return _mean_over_starts(episodes, k, lambda n, c: comb(c, k) / comb(n, k))


def pass_at_k(episodes: Sequence[Outcome], k: int) -> float:
    """Estimate pass@k, the chance that *one* of k independent tries at a start succeeds.

    The mean over starts of 1 - C(n - c, k) / C(n, k).

    Args:
        episodes: Outcomes with at least k repeats of every start.
        k: Number of tries.

    Raises:
        ArgumentError: A start has fewer than k repeats.

    References:
        Chen et al. 2021, Codex, eq. 1. Deviation from the paper: none.
    """
    return _mean_over_starts(episodes, k, lambda n, c: 1 - comb(n - c, k) / comb(n, k))


def flip_rate(episodes: Sequence[Outcome]) -> float:
    """Estimate the chance that two runs of one start disagree: the mean of 2 c (n - c) / (n (n - 1)).

    Args:
        episodes: Outcomes with at least two repeats of every start.

    Raises:
        ArgumentError: A start has one repeat only.
    """
    return _mean_over_starts(episodes, 2, lambda n, c: 2 * c * (n - c) / (n * (n - 1)))


def noise_floor(episodes: Sequence[Outcome]) -> float:
    """Say by how much two runs of one agent differ by chance: what a gain has to exceed to mean something.

    1.96 * sqrt(2 * sum_s v_s / n_s) / S over the S starts, where v_s = n p (1 - p) / (n - 1) is the variance
    of success at start s, estimated from its n tries. 95 % of the differences between such runs lie below.

    Args:
        episodes: Outcomes with at least two repeats of every start.

    Raises:
        ArgumentError: A start has one repeat only.
    """
    starts = len({episode.start for episode in episodes})
    variance = _mean_over_starts(episodes, 2, lambda n, c: c * (n - c) / (n * (n - 1)) / n)
    return 1.96 * sqrt(2 * variance / starts)


def summarise_repeats(episodes: Sequence[Outcome]) -> dict[str, float]:
    """Return pass^k and pass@k at the number of repeats k, flip rate and noise floor; {} where k is 1."""
    counts = Counter(episode.start for episode in episodes)
    k = min(counts.values(), default=0)
    if k < 2:
        return {}
    return {
        f"pass^{k}": pass_hat_k(episodes, k),
        f"pass@{k}": pass_at_k(episodes, k),
        "flip rate": flip_rate(episodes),
        "noise floor": noise_floor(episodes),
    }


def _mean_over_starts(episodes: Sequence[Outcome], least: int, value: Callable[[int, int], float]) -> float:
    tries: dict[str, list[bool]] = defaultdict(list)
    for episode in episodes:
        tries[episode.start].append(episode.success)
    fewest = min((len(t) for t in tries.values()), default=0)
    if least < 1 or fewest < least:
        raise ArgumentError(
            f"{least} repeats of every start are needed; the fewest here are {fewest}. "
            f"Evaluate a suite with repeats = {max(least, 1)} or more."
        )
    return sum(value(len(t), sum(t)) for t in tries.values()) / len(tries)
