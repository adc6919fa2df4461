"""The ranking of one suite, and which of its steps the evidence supports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentgym.evaluation.compare import Comparison
from agentgym.leaderboard.summary import Query, SuiteSummary, Summary

if TYPE_CHECKING:
    from agentgym.leaderboard.gaps import Pair
    from agentgym.leaderboard.store import Store

__all__ = ["Board", "Row", "board", "boards", "is_separated"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a ranking.

    Attributes:
        entry: Who stands there.
        above: Number of the entry one place above; None for the first, and for what has no place.
        versus_above: The entry one place above compared with this one, paired over the suite's episodes; None
            for the first, and for what has no place.
        separated: Whether that difference is supported; False reads: these two may as well be equal.
    """

    entry: Summary
    above: int | None
    versus_above: Comparison | None
    separated: bool

    @property
    def place(self) -> int | None:
        """Its rank, from 1; None for what is not ranked."""
        return self.entry.place

    def to_record(self) -> dict[str, Any]:
        """Return the row as a JSON object."""
        return {
            **self.entry.to_record(),
            "above": self.above,
            "versus_above": None if self.versus_above is None else self.versus_above.to_record(),
            "separated_from_above": self.separated,
        }


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the ranking of one suite.

    Attributes:
        suite: The suite; all rows answer this very hash.
        rows: In the order asked for; by itself best first, and what is not ranked last.
        query: What was asked for.
        total: How many rows there are without the query's `offset` and `limit`.
    """

    suite: SuiteSummary
    rows: tuple[Row, ...]
    query: Query
    total: int

    def to_record(self) -> dict[str, Any]:
        """Return the board as a JSON object."""
        suite = {"name": self.suite.name, "version": self.suite.version, "hash": self.suite.hash}
        counts = {"episodes": self.suite.episodes, "total": self.total}
        return {**suite, **counts, "rows": [row.to_record() for row in self.rows]}


def boards(store: Store, name: str | None = None, query: Query | None = None) -> list[Board]:
    """Rank what a store has, one board for each suite hash: what was measured differently is never compared.

    Args:
        store: The store.
        name: Only suites of this name; None for all.
        query: Which rows, in which order; None: the first hundred, best first.
    """
    return [board(store, suite, query) for suite in store.suites(name)]


def board(store: Store, suite: SuiteSummary, query: Query | None = None) -> Board:
    """Rank one suite by its metrics, then by age.

    Only the rows of the page are compared with those above them; see `Store.gaps`.
    """
    wanted = Query() if query is None else query
    page = store.page(suite.hash, wanted)
    at = {row.place: row.id for row in page.rows if row.place is not None}
    elsewhere = {place - 1 for place in at if place > 1} - at.keys()
    if elsewhere:
        at |= store.neighbours(suite.hash, elsewhere)
    pairs = {row.id: (at[row.place - 1], row.id) for row in page.rows if row.place and row.place - 1 in at}
    gaps = store.gaps(pairs.values())
    rows = tuple(_row(entry, pairs.get(entry.id), gaps, suite.metrics) for entry in page.rows)
    return Board(suite, rows, wanted, page.total)


def is_separated(gap: Comparison, metrics: Sequence[str]) -> bool:
    """Whether the evidence tells two neighbours apart by the first metric in which they differ.

    Args:
        gap: The two compared.
        metrics: What the suite ranks by: "success", "score", or both.
    """
    contrasts = {"success": gap.success, "score": gap.score}
    deciding = (contrasts[name] for name in metrics if contrasts[name].value != 0)
    return next((contrast.supported for contrast in deciding), False)


def _row(entry: Summary, pair: Pair | None, gaps: Mapping[Pair, Comparison], metrics: Sequence[str]) -> Row:
    if pair is None:
        return Row(entry, None, None, separated=entry.place == 1)
    return Row(entry, pair[0], gaps[pair], separated=is_separated(gaps[pair], metrics))
