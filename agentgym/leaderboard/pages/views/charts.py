"""Success against what it takes, and the training curves that submitters sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agentgym.leaderboard.bundle import Curve
from agentgym.leaderboard.pages.charts import Plot, Point, plot
from agentgym.leaderboard.pages.views.references import References, references
from agentgym.leaderboard.summary import Query, SuiteSummary, Summary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["ChartsView", "CurveGroup", "Trained", "charts_view", "draw_curves"]

Expense = Literal["cost", "tokens", "turns"]

_MOST_ENTRIES = 200
_MOST_CURVES = 8
_MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class Trained:
    """An entry with its training curve: the submitter's word.

    Attributes:
        id: Number of the entry.
        name: Its name.
        curve: Its curve.
    """

    id: int
    name: str
    curve: Curve


@dataclass(frozen=True, slots=True)
class CurveGroup:
    """Curves that measure the same in the same unit.

    Attributes:
        metric: What was measured.
        unit: What the horizontal axis counts.
        curves: The curves, best entry first.
        plot: Their picture.
    """

    metric: str
    unit: str
    curves: tuple[Trained, ...]
    plot: Plot | None


@dataclass(frozen=True, slots=True)
class ChartsView:
    """The two kinds of picture of a suite.

    Attributes:
        suite: The suite.
        references: Floor and ceiling.
        entries: The entries drawn against their expense, best first.
        expense: What their success is drawn against: cost where anything has a cost, else tokens, else turns.
        plot: That picture; None where there are no entries.
        curves: The training curves, by metric and unit.
    """

    suite: SuiteSummary
    references: References
    entries: tuple[Summary, ...]
    expense: Expense
    plot: Plot | None
    curves: tuple[CurveGroup, ...]


def charts_view(store: Store, suite: SuiteSummary) -> ChartsView:
    """Look at the best 200 entries of a suite, and of each unit at the best 8 that sent a curve."""
    entries = store.page(suite.hash, Query(status="verified", limit=_MOST_ENTRIES)).rows
    expense = _expense(entries)
    headers = store.headers(entry.id for entry in entries)
    curves = [(entry, headers[entry.id].curve) for entry in entries]
    trained = [Trained(entry.id, entry.name, curve) for entry, curve in curves if curve is not None]
    found = references(store, suite)
    return ChartsView(
        suite,
        found,
        entries,
        expense,
        _scatter(entries, expense, found),
        draw_curves(trained),
    )


def draw_curves(trained: Sequence[Trained]) -> tuple[CurveGroup, ...]:
    """Draw curves, one picture for each metric and unit, with at most 8 curves in it."""
    groups: dict[tuple[str, str], list[Trained]] = {}
    for one in trained:
        group = groups.setdefault((one.curve.metric, one.curve.unit), [])
        if len(group) < _MOST_CURVES:
            group.append(one)
    return tuple(
        CurveGroup(metric, unit, tuple(some), _lines(some, metric, unit))
        for (metric, unit), some in groups.items()
    )


def _expense(entries: Sequence[Summary]) -> Expense:
    if any(entry.cost for entry in entries):
        return "cost"
    return "tokens" if any(entry.tokens for entry in entries) else "turns"


def _scatter(entries: Sequence[Summary], expense: Expense, found: References) -> Plot | None:
    points = [
        Point(getattr(e, expense), e.success.value, e.success.low, e.success.high, str(e.place))
        for e in entries
    ]
    known = (("floor", found.floor), ("ceiling", found.ceiling))
    return plot(
        [("entries", points)],
        x_label=f"{expense} per episode",
        y_label="success",
        y_range=(0.0, 1.0),
        may_be_log=True,
        levels=[(n, r.success) for n, r in known if r is not None and r.success is not None],
    )


def _lines(trained: Sequence[Trained], metric: str, unit: str) -> Plot | None:
    drawn = [(t.name, [Point(x, y) for x, y in _thinned(t.curve.points)]) for t in trained]
    shares = all(0 <= point.y <= 1 for _, points in drawn for point in points)
    return plot(drawn, x_label=unit, y_label=metric, y_range=(0.0, 1.0) if shares else None)


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave out points that no eye would miss; the first and the last stay."""
    ordered = sorted(points)
    step = max(1, -(-len(ordered) // _MOST_POINTS))
    return [*ordered[:-1:step], ordered[-1]]
