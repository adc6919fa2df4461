"""The ranking of one suite, with floor and ceiling beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentgym.evaluation.compare import Comparison
from agentgym.leaderboard.pages.views.references import References, references
from agentgym.leaderboard.pages.views.suites import described
from agentgym.leaderboard.summary import Query, SuiteSummary, Summary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["BoardRow", "BoardView", "board_view"]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of a ranking.

    Attributes:
        entry: Who stands there.
        above: Number of the entry one place above; None on top and without a place.
        versus_above: That entry minus this one, paired over the episodes; None likewise.
        separated: Whether the evidence supports the difference; True on top.
    """

    entry: Summary
    above: int | None
    versus_above: Comparison | None
    separated: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    """A page of a ranking.

    Attributes:
        suite: The suite.
        description: What it is for.
        references: Floor and ceiling.
        query: What was asked for.
        rows: The lines of this page.
        total: Number of lines of all pages.
    """

    suite: SuiteSummary
    description: str
    references: References
    query: Query
    rows: tuple[BoardRow, ...]
    total: int


def board_view(store: Store, suite: SuiteSummary, query: Query) -> BoardView:
    """Look at a page of the ranking of a suite."""
    page = store.page(suite.hash, query)
    return BoardView(
        suite, described(suite), references(store, suite), query, _rows(store, page.rows), page.total
    )


def _rows(store: Store, entries: Sequence[Summary]) -> tuple[BoardRow, ...]:
    """Compare every entry with the one a place above, which may stand on another page."""
    if not entries:
        return ()
    placed = [entry for entry in entries if entry.place is not None and entry.place > 1]
    at = store.neighbours(entries[0].suite_hash, [e.place - 1 for e in placed if e.place is not None])
    above = {e.id: at[e.place - 1] for e in placed if e.place is not None and e.place - 1 in at}
    gaps = store.gaps([(other, id) for id, other in above.items()])
    return tuple(
        _row(entry, above.get(entry.id), gaps.get((above.get(entry.id, 0), entry.id))) for entry in entries
    )


def _row(entry: Summary, above: int | None, gap: Comparison | None) -> BoardRow:
    if gap is None:
        return BoardRow(entry, above, None, separated=entry.place == 1)
    by_score = gap.success.value == 0 and gap.score.supported
    return BoardRow(entry, above, gap, separated=gap.success.supported or by_score)
