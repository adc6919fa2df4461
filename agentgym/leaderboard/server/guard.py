"""What every request passes before it is looked at: rates, sizes; and headers that every answer bears."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentgym.leaderboard.server.rates import Buckets, address_key

__all__ = ["SECURITY_HEADERS", "Body", "Guarded", "Limited"]

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

_CLOSE: Final = {"connection": "close"}
"""For answers given before the whole body has come: nothing else can come on this connection."""


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


@dataclass(frozen=True, slots=True)
class Body:
    """What the body of a request may be.

    Attributes:
        most_bytes: Its greatest length.
        within_s: Seconds until it must have come.
    """

    most_bytes: int = 64 << 10
    within_s: float = 60.0


class Limited:
    """Refuses callers that come too often (429), and bodies too long (413) or too slow (408), however sent.

    A body of two lengths, of which a proxy may have believed the other, is refused as well (400).

    Args:
        app: What it guards.
        requests: Buckets of addresses.
        bodies: Of each path where they may be longer or slower than usual.
    """

    def __init__(self, app: ASGIApp, *, requests: Buckets, bodies: Mapping[str, Body]) -> None:
        self._app, self._requests, self._bodies = app, requests, bodies

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
        body = self._bodies.get(scope["path"], Body())
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:
            await _refused(400, "The body has a length or comes in chunks, not both.", _CLOSE)(
                scope, receive, send
            )
            return
        declared = headers.get("content-length", "0")
        if not declared.isascii() or not declared.isdigit() or int(declared[:20]) > body.most_bytes:
            await _refused(413, _too_long(body), _CLOSE)(scope, receive, send)
            return
        await self._app(scope, _counted(receive, body), send)


def _counted(receive: Receive, body: Body) -> Receive:
    """Count what comes; once the body is there, or the caller gone, all is passed on."""
    left, whole = body.most_bytes, False
    until = asyncio.get_running_loop().time() + body.within_s

    async def counted() -> Message:
        nonlocal left, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, f"The body did not come in {body.within_s:g} s.", _CLOSE) from error
        left -= len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if left < 0:
            raise HTTPException(413, _too_long(body), _CLOSE)
        return message

    return counted


def _too_long(body: Body) -> str:
    return f"The body is longer than {body.most_bytes} bytes."


def _refused(status: int, detail: str, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, headers=headers)
