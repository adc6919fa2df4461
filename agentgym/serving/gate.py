"""What every request passes first: for whom it is, who sends it, what it holds and how much of it."""

from __future__ import annotations

import hmac
import json
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentgym.serving.settings import ServeSettings

__all__ = ["Gate", "mistake"]

_OWN_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")


def mistake(status: int, kind: str, message: str) -> Response:
    """Answer a mistake."""
    body = json.dumps({"error": {"kind": kind, "message": message}})
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    if status == 413:
        headers["connection"] = "close"  # the rest of the body is not read
    return Response(body, status, headers, "application/json")


class Gate:
    """Refuses foreign hosts (421), missing tokens (401), other media (415) and long bodies (413).

    A page in a browser on this machine can send requests here; it can neither set another host, nor JSON's
    media type without being asked first, which nobody answers.

    Args:
        app: What it guards.
        settings: Token and limits.
    """

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope), scope["method"])
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, self._counted(receive), send)

    def _refusal(self, headers: Headers, method: str) -> Response | None:
        if self._settings.alone and _name(headers.get("host", "")) not in (*_OWN_NAMES, self._settings.host):
            return mistake(421, "ArgumentError", "This server answers for this machine alone.")
        sent = headers.get("authorization", "").encode("latin-1")
        wanted = f"Bearer {self._settings.token}".encode("ascii")
        if self._settings.token and not hmac.compare_digest(sent, wanted):
            return mistake(401, "ArgumentError", "Send the server's token as Authorization: Bearer.")
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        if method == "POST" and media != "application/json":
            return mistake(415, "ArgumentError", "Send JSON: content-type must be application/json.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length[:20]) > self._settings.most_bytes:
            return mistake(413, "ArgumentError", self._too_long)
        return None

    @property
    def _too_long(self) -> str:
        return f"The body is longer than {self._settings.most_bytes} bytes."

    def _counted(self, receive: Receive) -> Receive:
        left = self._settings.most_bytes

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, self._too_long)
            return message

        return counted


def _name(host: str) -> str:
    """Return a host's name without its port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host
