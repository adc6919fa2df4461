"""What came of social plays: welfare, the worst off, agreement, and what was left unused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Social", "SocialMeans", "judge", "means"]


@dataclass(frozen=True, slots=True)
class Social:
    """One play.

    Attributes:
        welfare: Sum of the returns.
        least: Return of the worst off (Rawls).
        agreed: Whether the players agreed; None in games without an agreement.
        pareto_gap: The most that all seats together could have gained more without a loss for any of them;
            0 where the end was Pareto efficient, None where a game does not list its outcomes.
    """

    welfare: float
    least: float
    agreed: bool | None = None
    pareto_gap: float | None = None


@dataclass(frozen=True, slots=True)
class SocialMeans:
    """Means over plays; None where no play has such a number."""

    welfare: float
    least: float
    agreed: float | None
    pareto_gap: float | None


def judge(state: Any, returns: Sequence[float]) -> Social:
    """Judge a finished play.

    Args:
        state: Its `GameState`. One of an engine that is not ours tells neither agreement nor outcomes.
        returns: The final returns, forfeits included, shape (A,).
    """
    agreed = state.agreed() if hasattr(state, "agreed") else None
    outcomes = state.outcomes() if hasattr(state, "outcomes") else None
    gap = None if outcomes is None else _pareto_gap(np.asarray(outcomes), np.asarray(returns))
    return Social(float(sum(returns)), float(min(returns)), agreed, gap)


def means(plays: Sequence[Social]) -> SocialMeans:
    """Average over plays, of which there is at least one."""

    def mean(name: str) -> float | None:
        values = [value for play in plays if (value := getattr(play, name)) is not None]
        return float(np.mean(values)) if values else None

    return SocialMeans(mean("welfare") or 0.0, mean("least") or 0.0, mean("agreed"), mean("pareto_gap"))


def _pareto_gap(outcomes: Any, returns: Any) -> float:
    better = outcomes[(outcomes >= returns - 1e-9).all(axis=1)]
    return float((better - returns).sum(axis=1).max(initial=0.0))
