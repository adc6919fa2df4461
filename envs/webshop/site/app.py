"""The site: every visit is a session behind pages of plain links, one form and no script."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agentgym.errors import require
from envs.webshop.render import address
from envs.webshop.session import Session
from envs.webshop.site.layout import arrange, tint
from envs.webshop.site.visits import Visit, Visits

if TYPE_CHECKING:
    from fastapi import FastAPI
    from jinja2 import Environment
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["make_app", "page_of"]

_HERE: Final = Path(__file__).parent
_WHO: Final = "The WebShop site"
_SHOWN: Final = count(1)
"""Numbers all pages that were rendered, so that whoever drives a browser knows the next one."""

_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def make_app(
    visits: Visits, *, arrive: Callable[[], tuple[Session, str]] | None = None, hosts: tuple[str, ...] = ()
) -> FastAPI:
    """Make the application.

    Args:
        visits: The visits; whoever holds them may admit sessions of their own.
        arrive: Makes a session and its name for whoever comes to "/"; None: only those admitted may come.
        hosts: Names by which the site may be called beside 127.0.0.1 and localhost.

    Raises:
        MissingExtraError: FastAPI or Jinja is not installed.
    """
    require("fastapi", extra="webshop", who=_WHO)
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import HTMLResponse, RedirectResponse, Response
    from starlette.exceptions import HTTPException

    app = _guarded_app(["127.0.0.1", "localhost", "[::1]", *hosts])

    @app.get("/")
    def enter() -> Response:
        if arrive is None:
            raise HTTPException(404)
        session, name = arrive()
        return RedirectResponse(f"/visit/{visits.admit(Visit(session, name))}/0", 303)

    @app.get("/visit/{token}/{view}")
    def look(token: str, view: int, do: str | None = None, q: str | None = None) -> Response:
        visit = visits.find(token)
        if visit is None:
            raise HTTPException(404)
        action = do if q is None else f"search[{q.replace('[', ' ')}]"
        with visit.lock:
            if action is None:
                visit.show(view)
            else:
                visit.act(view, action)
            return HTMLResponse(
                page_of(visit, home=arrive is not None), headers={"cache-control": "no-store"}
            )

    @app.exception_handler(RequestValidationError)
    @app.exception_handler(HTTPException)
    def refuse(_: Any, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        page = _templates().get_template("error.html").render(status=status, home=arrive is not None)
        return HTMLResponse(page, status, headers={"cache-control": "no-store"})

    return app


def _guarded_app(hosts: list[str]) -> FastAPI:
    """Make an empty application that answers only when it is called by one of these names."""
    from fastapi import FastAPI
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.staticfiles import StaticFiles

    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=[Middleware(_Guarded), Middleware(TrustedHostMiddleware, allowed_hosts=hosts)],
    )
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    return app


def page_of(visit: Visit, *, home: bool) -> str:
    """Render the present view of a visit as a whole HTML page.

    Args:
        visit: The visit.
        home: Whether "/" hands out new visits.
    """
    session, page = visit.session, visit.session.page
    visit.shown = next(_SHOWN)
    return (
        _templates()
        .get_template(f"{page.kind}.html")
        .render(
            layout=arrange(page, visit.view),
            kind=page.kind,
            view=visit.view,
            shown=visit.shown,
            address=address(session.state, visit.name),
            asin=session.state.asin,
            detail=session.state.detail,
            home=home,
            query=session.state.query,
            reason=visit.outcome.reason,
            reward=session.state.reward,
        )
    )


@cache
def _templates() -> Environment:
    jinja = require("jinja2", extra="webshop", who=_WHO)
    templates: Environment = jinja.Environment(
        loader=jinja.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.filters["exact"] = _exact
    templates.globals["tint"] = tint
    return templates


def _exact(text: str) -> Any:
    """Escape a text so that the browser reads back what it was: HTML would turn a carriage return around."""
    from markupsafe import Markup, escape

    known = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "�")
    return escape(known).replace("\r", Markup("&#13;"))


class _Guarded:
    """Puts the headers of security on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message.get("headers", ()), *own]
            await send(message)

        await self._app(scope, receive, guarded)
