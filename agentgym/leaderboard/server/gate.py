"""The gate of a private board: whatever is not listed here as open is closed to strangers."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agentgym.leaderboard.server.callers import visitor_of

__all__ = ["Gate"]

_OPEN: Final = ("/api/", "/static/")
"""The API asks for tokens itself."""


class Gate:
    """Sends browsers that have not logged in to the login, from every other page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or send it away."""
        if scope["type"] == "http" and scope["path"] != "/login" and not scope["path"].startswith(_OPEN):
            visitor = await asyncio.to_thread(visitor_of, Request(scope))
            if visitor.token is None:
                await RedirectResponse("/login", 303)(scope, receive, send)
                return
        await self._app(scope, receive, send)
