"""Success by environment and kind of task, entry by entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agentgym.evaluation.intervals import Estimate
from agentgym.evaluation.metrics import wilson_over_units
from agentgym.evaluation.outcomes import Outcome, units
from agentgym.leaderboard.pages.views.parts import parts_of
from agentgym.leaderboard.summary import Query, SuiteSummary, Summary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["BreakdownRow", "BreakdownView", "Part", "breakdown_view", "success_by_part"]


@dataclass(frozen=True, slots=True)
class Part:
    """The episodes of one environment and kind of task.

    Attributes:
        name: Environment and kind, without the namespace.
        episodes: Number of episodes.
    """

    name: str
    episodes: int


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """An entry, part by part.

    Attributes:
        entry: The entry.
        success: Its success in each part, shape (P,).
    """

    entry: Summary
    success: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class BreakdownView:
    """A page of entries by parts.

    Attributes:
        suite: The suite.
        query: What was asked for.
        parts: The parts of the suite, in the order of their first episodes, shape (P,).
        rows: The entries.
        total: Number of entries on all pages.
    """

    suite: SuiteSummary
    query: Query
    parts: tuple[Part, ...]
    rows: tuple[BreakdownRow, ...]
    total: int


def breakdown_view(store: Store, suite: SuiteSummary, query: Query) -> BreakdownView:
    """Look at a page of entries by kind of task."""
    page = store.page(suite.hash, query)
    outcomes = store.outcomes(entry.id for entry in page.rows)
    names = parts_of(store.suite(suite.hash))
    parts = tuple(Part(name, names.count(name)) for name in dict.fromkeys(names))
    rows = tuple(
        BreakdownRow(entry, tuple(success_by_part(names, outcomes[entry.id]).values())) for entry in page.rows
    )
    return BreakdownView(suite, query, parts, rows, page.total)


def success_by_part(names: Sequence[str], outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """Return the success in each part, in the order of their first episodes.

    Args:
        names: The part of each episode, shape (E,).
        outcomes: What came of each, shape (E,).
    """
    parts: dict[str, list[Outcome]] = {}
    for name, outcome in zip(names, outcomes, strict=True):
        parts.setdefault(name, []).append(outcome)
    return {
        name: wilson_over_units(np.array([float(o.success) for o in some]), units(some))
        for name, some in parts.items()
    }
