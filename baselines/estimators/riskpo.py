"""RiskPO: bundles of questions scored by the tails of their joint score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray, IntArray
from agentgym.errors import ArgumentError
from baselines.estimators.primitives import bounded, choice, deviation, first_rows, group_stats
from baselines.estimators.recursions import step_number
from baselines.estimators.registry import Advantages, register

__all__ = ["RiskPO"]

Measure: TypeAlias = Literal["mixed", "rvar", "upper"]
CreditRule: TypeAlias = Literal["uniform", "std", "sum_mean"]
Quantiles: TypeAlias = Literal["mix", "track", "batch"]


class _Papers(NamedTuple):
    """The k-th responses to all questions of a bundle are one paper; P papers.

    Attributes:
        of_episode: Paper of each episode, -1 for one that is in none, shape (E,).
        score: Sum of a paper's outcomes, shape (P,).
        bundle: Its bundle, shape (P,).
    """

    of_episode: IntArray
    score: FloatArray
    bundle: IntArray


@register(
    "riskpo",
    paper="RiskPO: Risk-based Policy Optimization via Verifiable Reward for LLM Post-Training",
    arxiv="2510.00911",
    needs=("outcome", "bundle"),
    level="episode",
)
class RiskPO:
    """Score papers, one response to each question of a bundle, by where they lie between two quantiles.

    S is a paper's sum of outcomes, q_l and q_h the bundle's quantiles of S. rvar:
    A = (max(S - q_l, 0) - max(S - q_h, 0) + q_l - q_h) / (high - low + eps); mixed:
    (mix * (-max(q_l - S, 0) / (low + eps)) + A) / (mix + 1); upper:
    (upper_weight * max(S - q_h, 0) / (1 - high + eps) + A) / (upper_weight + 1). Then divided by the
    deviation of S in the bundle, and credited to the paper's responses.

    Args:
        low: Lower level, in (0, 1).
        high: Upper level, above `low`.
        measure: "mixed", "rvar" or "upper" (seeks risk).
        mix: Weight of the lower tail (mixed).
        upper_weight: Weight of the upper tail (upper).
        credit: "uniform": A to each response; "std": divided by the deviation of the question's outcomes (1
            if at most 1e-3); "sum_mean": shared out by the leads over the question's means.
        norm: Whether A is divided by the deviation of S in the bundle (1 for one paper).
        quantiles: Those of the "batch", those that are "track"-ed over batches, or the mean of both ("mix").
            Until there are tracked ones, those of the batch.
        tracked_low: Tracked quantile to start from; None: that of the first batch.
        tracked_high: Likewise.
        tracking_rate: How fast tracked quantiles move, see References.
        eps: Added to denominators.

    References:
        Ren et al. 2025, mixed value-at-risk, https://arxiv.org/abs/2510.00911. Deviation from the paper: none
        known. A tracked quantile moves by rate * (level - share of papers at or below it) after each batch,
        which is our reading of how the released trainer tracks, not checked against it.
    """

    def __init__(
        self,
        *,
        low: float = 0.1,
        high: float = 0.9,
        measure: Measure = "mixed",
        mix: float = 1.5,
        upper_weight: float = 1.5,
        credit: CreditRule = "uniform",
        norm: bool = True,
        quantiles: Quantiles = "mix",
        tracked_low: float | None = None,
        tracked_high: float | None = None,
        tracking_rate: float = 0.1,
        eps: float = 1e-6,
    ) -> None:
        choice("measure", measure, Measure)
        choice("credit", credit, CreditRule)
        choice("quantiles", quantiles, Quantiles)
        if not 0 < low < high < 1:
            raise ArgumentError(f"`low` is {low} and `high` {high}. Expected 0 < low < high < 1.")
        self._levels, self._eps, self._measure = np.array([low, high]), eps, measure
        self._weight = {"mixed": mix, "upper": upper_weight, "rvar": 0.0}[measure]
        self._credit, self._norm, self._quantiles, self._rate = credit, norm, quantiles, tracking_rate
        given = tracked_low is not None and tracked_high is not None
        self._tracked = np.array([tracked_low, tracked_high], np.float64) if given else None

    def __call__(self, batch: StepBatch) -> Advantages:
        """Return advantages of shape (N,); an episode beyond the shortest question's number gets 0."""
        first = first_rows(batch.episode)
        group, x = bounded(batch.group[first]), batch.outcome[first]
        papers = _papers(group, bounded(batch.column("bundle", "riskpo")[first]), x)
        quantiles = np.array([_quantiles(papers, level) for level in self._levels])
        advantage = self._of_papers(papers, self._chosen(quantiles))
        self._track(papers, quantiles)
        episodes = np.zeros(int(bounded(batch.episode).max()) + 1)
        episodes[bounded(batch.episode)[first]] = self._of_episodes(papers, advantage, group, x)
        return Advantages(episodes[bounded(batch.episode)])

    def state_dict(self) -> dict[str, Any]:
        """Return the tracked quantiles."""
        return {"tracked": None if self._tracked is None else self._tracked.tolist()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        self._tracked = None if state["tracked"] is None else np.array(state["tracked"], np.float64)

    def _chosen(self, quantiles: FloatArray) -> FloatArray:
        if self._tracked is None or self._quantiles == "batch":
            return quantiles
        tracked = np.broadcast_to(self._tracked[:, None], quantiles.shape)
        return tracked if self._quantiles == "track" else (tracked + quantiles) / 2

    def _of_papers(self, papers: _Papers, quantiles: FloatArray) -> FloatArray:
        (low, high), eps, score = self._levels, self._eps, papers.score
        q_low, q_high = quantiles
        above = np.maximum(score - q_high, 0)
        middle = (np.maximum(score - q_low, 0) - above + q_low - q_high) / (high - low + eps)
        tail = {
            "mixed": -np.maximum(q_low - score, 0) / (low + eps),
            "upper": above / (1 - high + eps),
            "rvar": np.zeros_like(score),
        }[self._measure]
        advantage = (self._weight * tail + middle) / (self._weight + 1)
        if self._norm:
            n, _, std = group_stats(score, papers.bundle)
            advantage = advantage / (np.where(n > 1, std, 1.0) + eps)
        return np.asarray(advantage)

    def _of_episodes(
        self, papers: _Papers, advantage: FloatArray, group: IntArray, x: FloatArray
    ) -> FloatArray:
        inside = papers.of_episode >= 0
        paper = np.where(inside, papers.of_episode, 0)
        share = np.ones(len(x))
        stats = group_stats(x, group)
        if self._credit == "std":
            share = 1.0 / (np.where(stats.std > 1e-3, stats.std, 1.0) + self._eps)
        elif self._credit == "sum_mean":
            lead = np.where(inside, deviation(x, stats.mean), 0.0)
            total = np.bincount(paper, lead, len(advantage))[paper]
            count = np.bincount(paper, inside, len(advantage))[paper]
            even = np.abs(total) <= 1e-6
            share = np.where(even, 1.0 / np.maximum(count, 1), lead / np.where(even, 1.0, total))
        return np.where(inside, advantage[paper] * share, 0.0)

    def _track(self, papers: _Papers, quantiles: FloatArray) -> None:
        if self._tracked is None:
            self._tracked = quantiles.mean(axis=1)
        else:
            below = np.array([(papers.score <= q).mean() for q in self._tracked])
            self._tracked = self._tracked + self._rate * (self._levels - below)


def _papers(group: IntArray, bundle: IntArray, x: FloatArray) -> _Papers:
    """Put the k-th responses of a bundle's questions together, for each k that every question has."""
    number = step_number(group)
    size = np.bincount(group)
    fewest = np.full(int(bundle.max()) + 1, len(group))
    np.minimum.at(fewest, bundle, size[group])
    inside = number < fewest[bundle]
    used = np.where(np.bincount(bundle) > 0, fewest, 0)
    start = np.cumsum(used) - used
    paper = np.where(inside, start[bundle] + number, -1)
    score = np.bincount(paper[inside], x[inside]).astype(np.float64)
    owner = np.zeros(len(score), np.int64)
    owner[paper[inside]] = bundle[inside]
    return _Papers(paper, score, owner)


def _quantiles(papers: _Papers, level: float) -> FloatArray:
    """Linear quantile of each paper's bundle, shape (P,)."""
    order = np.lexsort((papers.score, papers.bundle))
    size = np.bincount(papers.bundle)
    start = np.cumsum(size) - size
    place = level * (np.maximum(size, 1) - 1)
    floor = np.floor(place).astype(np.int64)
    at = np.minimum(start + floor, len(order) - 1)
    after = np.minimum(at + 1, len(order) - 1)
    values = papers.score[order]
    mixed = values[at] + (place - floor) * (values[after] - values[at])
    return np.asarray(mixed[papers.bundle])
