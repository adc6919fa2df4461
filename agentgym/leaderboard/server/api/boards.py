"""The API of what everybody may read: suites, boards, entries, episodes, comparisons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from agentgym.errors import ArgumentError
from agentgym.evaluation.compare import Comparison, compare
from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard.bundle import Header
from agentgym.leaderboard.server.answers import inert_json
from agentgym.leaderboard.server.callers import may_read
from agentgym.leaderboard.server.problems import answers
from agentgym.leaderboard.server.site import Number, site_of
from agentgym.leaderboard.submission import Status
from agentgym.leaderboard.summary import Page, SortKey, SuiteSummary, Summary
from agentgym.leaderboard.summary import Query as Wanted
from agentgym.version import __version__

__all__ = ["open_router", "router"]

_Value = TypeVar("_Value")
_EntryNumber = Annotated[int, Query(ge=1, lt=2**31)]
_Hash = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]

_FILE: Final = {"application/zstd": {"schema": {"type": "string", "format": "binary"}}}
_TRAJECTORY: Final = {"application/json": {"schema": {"type": "object"}}}


class About(BaseModel):
    """What this server is and takes.

    Attributes:
        package: Version of AgentGym.
        private: Whether reading needs a token.
        most_bytes: Greatest size of a submission file.
    """

    package: str
    private: bool
    most_bytes: int


class Entry(BaseModel):
    """An entry with all that its submitter says about it; strangers' text, to be shown as text alone.

    Attributes:
        summary: What was verified.
        header: What the submitter says.
        notes: What a reader should know although it is no fault.
    """

    summary: Summary
    header: Header
    notes: tuple[str, ...]


open_router = APIRouter(tags=["boards"])
router = APIRouter(tags=["boards"], dependencies=[Depends(may_read)], responses=answers(401))


@open_router.get("/about", responses=answers())
def about(request: Request) -> About:
    """Tell what this server takes. Needs no token."""
    settings = site_of(request).settings
    return About(package=__version__, private=settings.private, most_bytes=settings.most_bytes)


@router.get("/suites")
def suites(request: Request) -> list[SuiteSummary]:
    """List the suites that have entries."""
    return site_of(request).store.suites()


@router.get("/suites/{hash}/entries")
def board(
    request: Request,
    hash: _Hash,
    text: Annotated[str, Query(max_length=80)] = "",
    status: Status | None = None,
    sort: SortKey = "place",
    descending: bool = False,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page:
    """Show one page of a suite's board, sorted and filtered; empty where there is no such suite."""
    wanted = Wanted(text.replace("\0", "\ufffd"), status, sort, descending, offset, limit)
    return site_of(request).store.page(hash, wanted)


@router.get("/entries/{id}", responses=answers(404))
def entry(request: Request, id: Number) -> Entry:
    """Show one entry."""
    store = site_of(request).store
    submission = _found(lambda: store.get(id))
    return Entry(summary=store.summary(id), header=submission.header, notes=submission.notes)


@router.get("/entries/{id}/file", responses=answers(404, content=_FILE), response_class=Response)
def file(request: Request, id: Number) -> Response:
    """Download the submission file, byte for byte as it was sent."""
    store = site_of(request).store
    size = _found(lambda: store.summary(id)).size
    name = f'attachment; filename="submission-{id}.jsonl.zst"'
    return StreamingResponse(
        store.file(id),
        media_type="application/zstd",
        headers={"Content-Disposition": name, "Content-Length": str(size)},
    )


@router.get("/entries/{id}/episodes", responses=answers(404))
def episodes(
    request: Request,
    id: Number,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[EpisodeSummary]:
    """List episodes of an entry by their numbers."""
    played = _found(lambda: site_of(request).store.get(id)).episodes
    return list(played[offset : offset + limit])


@router.get(
    "/entries/{id}/episodes/{number}",
    responses=answers(404, content=_TRAJECTORY),
    response_class=Response,
)
def episode(request: Request, id: Number, number: Annotated[int, Path(ge=0, lt=2**31)]) -> Response:
    """Show the trajectory of one episode, as it was sent."""
    line = _found(lambda: site_of(request).store.line(id, number))
    return Response(inert_json(line.removesuffix("\n")), media_type="application/json")


@router.get("/compare", responses=answers(404, 409))
def compared(request: Request, a: _EntryNumber, b: _EntryNumber) -> Comparison:
    """Compare two entries of one suite, paired over its episodes; positive where `a` is better."""
    store = site_of(request).store
    if _found(lambda: store.summary(a)).suite_hash != _found(lambda: store.summary(b)).suite_hash:
        raise HTTPException(409, f"Entries {a} and {b} answer different suites; they cannot be compared.")
    outcomes = store.outcomes([a, b])
    return compare(outcomes[a], outcomes[b], np.random.default_rng(0))


def _found(get: Callable[[], _Value]) -> _Value:
    """Answer 404 where the store has none."""
    try:
        return get()
    except ArgumentError as error:
        raise HTTPException(404, "There is none of this number.") from error
