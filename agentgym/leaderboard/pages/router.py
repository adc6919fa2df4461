"""The pages as routes of a FastAPI application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response

from agentgym.errors import ArgumentError
from agentgym.leaderboard.pages.links import comparison_path
from agentgym.leaderboard.pages.rendering import STATIC, Extra
from agentgym.leaderboard.pages.site import Site
from agentgym.leaderboard.pages.views import EpisodeFilter, find_suite
from agentgym.leaderboard.summary import Query

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["router"]

_ROWS: Final = 50
_PARTS: Final = 25
_LONGEST: Final = 100
_GREATEST: Final = 2**31
_LONGEST_SHOWN: Final = 8 << 20
"""Characters of an episode: reading 32 MiB of token ids keeps a server busy for many seconds."""
_ASSETS: Final = frozenset(path.name for path in STATIC.iterdir())


def router(store: Store, *, extra_links: Extra = (), replays: bool = True) -> APIRouter:
    """Make the routes of a store's pages; mount them with `app.include_router`, under any prefix.

    The application owes them its headers: a content-security policy of style-src, script-src, img-src and
    form-action 'self' is all that they need.

    Args:
        store: The store; threads share it.
        extra_links: Further links of every page's head: name, and path of this application.
        replays: Whether whoever looks may have an episode executed again for its admissible actions.

    Returns:
        The routes; dependencies that the application adds hold for every one of them.
    """
    site = Site(store, extra_links=extra_links, replays=replays)
    routes = APIRouter(include_in_schema=False)
    for path, page in _pages(site).items():
        routes.add_api_route(path, page, methods=["GET", "HEAD"], response_model=None)
    return routes


def _pages(site: Site) -> Mapping[str, Callable[[Request], Response]]:
    """Return what answers each path."""

    def comparison_asked(request: Request) -> Response:
        chosen = request.query_params.getlist("entry")
        if len(chosen) != 2 or not all(word.isascii() and word.isdigit() for word in chosen):
            return _told(
                site, "compare", 400, "Choose two entries", "Tick exactly two entries of one ranking."
            )
        first, second = (int(word[:10]) for word in chosen)
        return RedirectResponse(comparison_path(first, second), 303)

    def episode_file(request: Request) -> Response:
        try:
            line = site.episode_file(_id(request, "entry"), _id(request, "number"))
        except ArgumentError as error:
            return PlainTextResponse(str(error), 404)
        return PlainTextResponse(
            line, headers={"content-disposition": "attachment"}, media_type="application/jsonl"
        )

    def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSETS:
            return PlainTextResponse("There is no such file.", 404)
        return FileResponse(STATIC / name, headers={"cache-control": "public, max-age=31536000, immutable"})

    made = {path: _answer(site, path, write) for path, write in _writers(site).items()}
    return {
        "/static/{name}": asset,
        "/compare": comparison_asked,
        "/entries/{entry:int}/episodes/{number:int}.jsonl": episode_file,
        **made,
    }


def _writers(site: Site) -> Mapping[str, Callable[[Request], str]]:
    return {
        "/": lambda _: site.home(),
        "/suites/{suite}": lambda r: site.board(find_suite(site.store, r.path_params["suite"]), _query(r)),
        "/suites/{suite}/types": lambda r: site.breakdown(
            find_suite(site.store, r.path_params["suite"]), Query(offset=_offset(r), limit=_PARTS)
        ),
        "/suites/{suite}/charts": lambda r: site.charts(find_suite(site.store, r.path_params["suite"])),
        "/entries/{entry:int}": lambda r: site.entry(_id(r, "entry"), _filter(r)),
        "/entries/{entry:int}/episodes/{number:int}": lambda r: _episode(site, r),
        "/compare/{first:int}/{second:int}": lambda r: site.comparison(
            _id(r, "first"), _id(r, "second"), offset=_offset(r)
        ),
        "/environments": lambda _: site.environments(),
        "/environments/{name}": lambda r: site.environment(r.path_params["name"]),
    }


def _episode(site: Site, request: Request) -> str:
    entry, number = _id(request, "entry"), _id(request, "number")
    size = len(site.store.line(entry, number))
    if size > _LONGEST_SHOWN:
        raise ArgumentError(
            f"Episode {number} has {size >> 20} MiB, more than a page reads. Download it: "
            f"/entries/{entry}/episodes/{number}.jsonl"
        )
    return site.episode(
        entry,
        number,
        colouring=_word(request, "colour") or "reward",
        admissible=_word(request, "admissible") == "shown",
        offset=_offset(request),
    )


def _answer(site: Site, path: str, write: Callable[[Request], str]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        try:
            page = write(request)
        except ArgumentError as error:
            return _told(site, path.lstrip("/"), 404, "There is no such page", str(error))
        return HTMLResponse(page.encode("utf-8", "replace"))

    return answer


def _told(site: Site, here: str, status: int, heading: str, message: str) -> Response:
    """Answer that something is wrong; of `here`, only how deep it lies matters for the links."""
    return HTMLResponse(site.error(here, heading, message).encode("utf-8", "replace"), status)


def _query(request: Request) -> Query:
    return Query(
        text=_word(request, "q"),
        status=_word(request, "status") or None,  # type: ignore[arg-type]  # checked by Query
        sort=_word(request, "sort") or "place",  # type: ignore[arg-type]
        descending=_word(request, "order") == "down",
        offset=_offset(request),
        limit=_ROWS,
    )


def _filter(request: Request) -> EpisodeFilter:
    return EpisodeFilter(
        text=_word(request, "q"),
        result=_word(request, "result") or "all",  # type: ignore[arg-type]  # checked by the filter
        offset=_offset(request),
    )


def _word(request: Request, name: str) -> str:
    return request.query_params.get(name, "")[:_LONGEST]


def _offset(request: Request) -> int:
    word = _word(request, "from")
    return min(int(word), _GREATEST - 1) if word.isascii() and word.isdigit() else 0


def _id(request: Request, name: str) -> int:
    """Return a number of the path; one that no database holds is of nothing that exists."""
    number: int = request.path_params[name]
    if number >= _GREATEST:
        raise ArgumentError("There is no entry or episode of that number.")
    return number
