"""What goes wrong, told alike everywhere: one JSON object in the API, one page elsewhere."""

from __future__ import annotations

import logging
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agentgym.errors import AgentGymError
from agentgym.leaderboard.server.answers import InertJSON
from agentgym.leaderboard.server.forms.page import page
from agentgym.leaderboard.server.guard import SECURITY_HEADERS
from agentgym.plain import plain

__all__ = ["API", "Problem", "answers", "report_problems"]

API: Final = "/api/v1"

_LOG: Final = logging.getLogger("agentgym.leaderboard")

_TELLS: Final = {
    400: "The request cannot be read.",
    401: "There is no token, or it does not hold.",
    403: "The token's role does not allow it.",
    404: "There is none of this number.",
    408: "The body took too long to come.",
    409: "It cannot be done any more.",
    413: "The body is too long.",
    415: "The body is of another type.",
    422: "A parameter or the body is not what it should be.",
    429: "Too many requests; Retry-After says when.",
    503: "The store does not answer now, or there is no room.",
}


class Problem(BaseModel):
    """Why a request was refused.

    Attributes:
        detail: In one sentence.
    """

    detail: str


def answers(*statuses: int, content: dict[str, Any] | None = None) -> dict[int | str, dict[str, Any]]:
    """Document answers.

    Args:
        statuses: Refusals, beside those that every request may meet.
        content: What a good answer holds, by media type, where that is no value of the API.
    """
    found: dict[int | str, dict[str, Any]] = {} if content is None else {200: {"content": content}}
    for status in (*statuses, 400, 422, 429, 503):
        found[status] = {"model": Problem, "description": _TELLS[status]}
    return found


def report_problems(app: FastAPI) -> None:
    """Answer every failure in one form; what a stranger sent is never sent back."""

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        return _answer(request, error.status_code, error.detail, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5]]
        return _answer(request, 422, plain("; ".join(faults), limit=500), {})

    @app.exception_handler(AgentGymError)
    def unavailable(request: Request, error: AgentGymError) -> Response:
        return _answer(request, 503, "The store does not answer now. Try again.", {"Retry-After": "5"})

    @app.exception_handler(OSError)
    def full(request: Request, error: OSError) -> Response:
        _LOG.warning("a request was given up: %s", error)
        return _answer(request, 503, "The server has no room for it now. Try again.", {"Retry-After": "60"})

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        # this one is answered outside of `Guarded`, and logged by the server
        return _answer(request, 500, "The server made a mistake.", dict(SECURITY_HEADERS))


def _answer(request: Request, status: int, detail: str, headers: dict[str, str]) -> Response:
    if request.url.path.startswith("/api/"):
        return InertJSON({"detail": detail}, status, headers=headers)
    return page("problem.html", request, status=status, headers=headers, detail=detail)
