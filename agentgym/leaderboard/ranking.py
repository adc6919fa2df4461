"""The order of entries, worked out by the database: by what the suite ranks by, then by age."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, or_, select
from sqlalchemy.orm import Session

from agentgym.leaderboard.models import SubmissionRow, SuiteRow
from agentgym.leaderboard.summary import Query

__all__ = ["counted", "neighbours", "place_of", "placed"]


_RANKABLE = {"success": SubmissionRow.success, "score": SubmissionRow.score}


def placed(session: Session, suite_hash: str, query: Query) -> list[tuple[SubmissionRow, int | None]]:
    """Return a page of entries, each with its place."""
    places = _places(session, suite_hash)
    wanted = (
        select(SubmissionRow, places.c.place)
        .outerjoin(places, places.c.id == SubmissionRow.id)
        .where(*_wanted(suite_hash, query))
        .order_by(*_order(query, places))
        .offset(query.offset)
        .limit(query.limit)
    )
    return [(row, place) for row, place in session.execute(wanted)]


def counted(session: Session, suite_hash: str, query: Query) -> int:
    """Return how many entries a query finds on all its pages."""
    return session.scalar(select(func.count(SubmissionRow.id)).where(*_wanted(suite_hash, query))) or 0


def place_of(session: Session, suite_hash: str, id: int) -> int | None:
    """Return the place of one entry; None where it has none."""
    places = _places(session, suite_hash)
    return session.scalar(select(places.c.place).where(places.c.id == id))


def neighbours(session: Session, suite_hash: str, places: Iterable[int]) -> dict[int, int]:
    """Return the numbers of the entries at some places, keyed by place."""
    table = _places(session, suite_hash)
    found = session.execute(select(table.c.place, table.c.id).where(table.c.place.in_(list(places))))
    return {row[0]: row[1] for row in found}


def _places(session: Session, suite_hash: str) -> Subquery:
    metrics = session.scalar(select(SuiteRow.metrics_json).where(SuiteRow.hash == suite_hash))
    ranked_by = [_RANKABLE[name].desc() for name in json.loads(metrics or "[]")]
    best_first = [*ranked_by, SubmissionRow.submitted_at, SubmissionRow.id]
    place = func.row_number().over(order_by=best_first).label("place")
    verified = (SubmissionRow.suite_hash == suite_hash, SubmissionRow.status == "verified")
    return select(SubmissionRow.id, place).where(*verified).subquery("places")


def _wanted(suite_hash: str, query: Query) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [SubmissionRow.suite_hash == suite_hash]
    if query.status is not None:
        wanted.append(SubmissionRow.status == query.status)
    if query.text:
        part = query.text.lower()
        columns = (func.lower(SubmissionRow.name), func.lower(SubmissionRow.agent))
        wanted.append(or_(*(column.contains(part, autoescape=True) for column in columns)))
    return wanted


def _order(query: Query, places: Subquery) -> list[ColumnElement[Any]]:
    if query.sort == "place":
        key: ColumnElement[Any] = places.c.place
    else:
        key = getattr(SubmissionRow, query.sort)
    ordered = key.desc() if query.descending else key.asc()
    return [places.c.place.is_(None), ordered, SubmissionRow.id.asc()]
