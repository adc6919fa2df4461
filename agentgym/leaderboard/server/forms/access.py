"""Which browsers may see and send what: sessions by cookie, and forms that were made for them."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, HTTPException
from starlette.datastructures import FormData, Headers
from starlette.requests import Request
from starlette.responses import Response

from agentgym.leaderboard.server.callers import allows, visitor_of
from agentgym.leaderboard.server.signing import Session
from agentgym.leaderboard.server.site import Site, site_of
from agentgym.leaderboard.tokens import Token

__all__ = ["Form", "Uploader", "check_form", "keep_session"]

_STALE: Final = "This form was not made for you, or is too old. Go back, load the page again and retry."


def logged_in(request: Request) -> tuple[Token, Session]:
    """Return whose browser this is, who may upload.

    Raises:
        HTTPException: 303 to the login, or 403 where the role is less.
    """
    visitor = visitor_of(request)
    if visitor.token is None or visitor.session is None:
        raise HTTPException(303, "Log in first.", {"Location": "/login"})
    if not allows(visitor.token, "submitter"):
        raise HTTPException(403, f"This needs the role submitter; yours is {visitor.token.role}.")
    return visitor.token, visitor.session


async def read_form(request: Request) -> FormData:
    """Read a form of a few short fields."""
    return await request.form(max_files=0, max_fields=2)


Uploader = Annotated[tuple[Token, Session], Depends(logged_in)]
Form = Annotated[FormData, Depends(read_form)]


def check_form(request: Request, session: Session | None, form_token: object) -> None:
    """Refuse a form that was not made for this session, or that a browser says another site has sent.

    Raises:
        HTTPException: 403.
    """
    if _foreign(request.headers) or session is None or not isinstance(form_token, str):
        raise HTTPException(403, _STALE)
    if not site_of(request).signer.holds(session.nonce, form_token):
        raise HTTPException(403, _STALE)


def _foreign(headers: Headers) -> bool:
    """Whether the browser says that another site has sent a form."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def keep_session(site: Site, response: Response, cookie: str) -> None:
    """Give the browser a cookie that no script reads and no other site makes it send."""
    response.set_cookie(
        site.cookie,
        cookie,
        max_age=int(site.settings.session_s),
        secure=site.settings.https,
        httponly=True,
        samesite="strict",
    )
