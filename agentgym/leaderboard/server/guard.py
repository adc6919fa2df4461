"""What every request passes before it is looked at: rates, sizes; and headers that every answer bears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentgym.leaderboard.server.rates import Buckets, address_key

__all__ = ["SECURITY_HEADERS", "Guarded", "Limited"]

SECURITY_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Nothing from elsewhere, nothing inline, in no frame.

With no referrer at all, browsers would say of our own forms that they come from nowhere.
"""

_MOST_BYTES: Final = 64 << 10


class Guarded:
    """Puts the headers of security on every answer; with HTTPS also that browsers come by no other way."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        headers = dict(SECURITY_HEADERS)
        if https:
            headers["strict-transport-security"] = "max-age=31536000"
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        await self._app(scope, receive, guarded)


class Limited:
    """Refuses callers that come too often (429) and bodies that are too long (413), however they are sent.

    Args:
        app: What it guards.
        requests: Buckets of addresses.
        most_bytes: Greatest body of each path whose bodies may be longer than 64 KiB.
    """

    def __init__(self, app: ASGIApp, *, requests: Buckets, most_bytes: Mapping[str, int]) -> None:
        self._app, self._requests, self._most_bytes = app, requests, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wait_s = self._requests.take(address_key((scope.get("client") or ("",))[0]))
        if wait_s:
            await _refused(429, "Too many requests from this address.", {"retry-after": str(wait_s)})(
                scope, receive, send
            )
            return
        most = self._most_bytes.get(scope["path"], _MOST_BYTES)
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isascii() or not declared.isdigit() or int(declared[:20]) > most:
            # the rest of the body is not read: the connection cannot be used again
            await _refused(413, _too_long(most), {"connection": "close"})(scope, receive, send)
            return
        await self._app(scope, _counted(receive, most), send)


def _counted(receive: Receive, most: int) -> Receive:
    left = most

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, _too_long(most), {"connection": "close"})
        return message

    return counted


def _too_long(most: int) -> str:
    return f"The body is longer than {most} bytes."


def _refused(status: int, detail: str, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, headers=headers)
