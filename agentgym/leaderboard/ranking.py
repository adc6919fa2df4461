"""The order of entries, worked out by the database: by what the suite ranks by, then by age."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, or_, select
from sqlalchemy.orm import Session

from agentgym.leaderboard.models import SubmissionRow, SuiteRow
from agentgym.leaderboard.summary import Query

__all__ = ["counted", "neighbours", "place_of", "placed"]

_RANKABLE = {"success": SubmissionRow.success, "score": SubmissionRow.score}


def placed(session: Session, suite_hash: str, query: Query) -> list[tuple[SubmissionRow, int | None]]:
    """Return a page of entries, each with its place.

    The page is found first and its rows are fetched then: the ranking of a long board reads the index alone.
    """
    columns = {"name", "agent"} if query.text else set()
    if query.sort != "place":
        columns.add(query.sort)
    ranked = _ranked(session, suite_hash, columns)
    key: ColumnElement[Any] = ranked.c[query.sort]
    ordered = key.desc() if query.descending else key.asc()
    page = (
        select(ranked.c.id, ranked.c.place)
        .where(*_wanted(query, ranked.c))
        .order_by(ranked.c.place.is_(None), ordered.nulls_last(), ranked.c.id)
        .offset(query.offset)
        .limit(query.limit)
    )
    places = {row.id: row.place for row in session.execute(page)}
    rows = session.scalars(select(SubmissionRow).where(SubmissionRow.id.in_(places)))
    by_id = {row.id: row for row in rows}
    return [(by_id[id], place) for id, place in places.items()]


def counted(session: Session, suite_hash: str, query: Query) -> int:
    """Return how many entries a query finds on all its pages."""
    table = SubmissionRow.__table__.c
    wanted = [table.suite_hash == suite_hash, *_wanted(query, table)]
    return session.scalar(select(func.count(table.id)).where(*wanted)) or 0


def place_of(session: Session, suite_hash: str, id: int) -> int | None:
    """Return the place of one entry; None where it has none."""
    ranked = _ranked(session, suite_hash)
    return session.scalar(select(ranked.c.place).where(ranked.c.id == id))


def neighbours(session: Session, suite_hash: str, places: Iterable[int]) -> dict[int, int]:
    """Return the numbers of the entries at some places, keyed by place."""
    ranked = _ranked(session, suite_hash)
    found = session.execute(select(ranked.c.place, ranked.c.id).where(ranked.c.place.in_(list(places))))
    return {row[0]: row[1] for row in found}


def _ranked(session: Session, suite_hash: str, columns: Iterable[str] = ()) -> Subquery:
    """Ask for all entries of a suite: id, status, place (None for what is not verified), and some columns."""
    metrics = session.scalar(select(SuiteRow.metrics_json).where(SuiteRow.hash == suite_hash))
    ranked_by = [_RANKABLE[name].desc() for name in json.loads(metrics or "[]")]
    best_first = [*ranked_by, SubmissionRow.submitted_at, SubmissionRow.id]
    number = func.row_number().over(partition_by=SubmissionRow.status, order_by=best_first)
    place = case((SubmissionRow.status == "verified", number)).label("place")
    more = (getattr(SubmissionRow, name) for name in sorted(columns))
    chosen = select(SubmissionRow.id, SubmissionRow.status, place, *more)
    return chosen.where(SubmissionRow.suite_hash == suite_hash).subquery("ranked")


def _wanted(query: Query, columns: Any) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if query.status is not None:
        wanted.append(columns.status == query.status)
    if query.text:
        part = query.text.lower()
        texts = (func.lower(columns.name), func.lower(columns.agent))
        wanted.append(or_(*(text.contains(part, autoescape=True) for text in texts)))
    return wanted
