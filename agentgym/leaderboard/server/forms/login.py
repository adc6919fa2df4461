"""Log in by a token, and out again."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agentgym.leaderboard.server.callers import GUEST, token_of, visitor_of
from agentgym.leaderboard.server.forms.access import Form, check_form, keep_session
from agentgym.leaderboard.server.forms.page import page
from agentgym.leaderboard.server.site import site_of

__all__ = ["router"]

router = APIRouter()


@router.get("/login")
def ask(request: Request) -> Response:
    """Show the form; a browser without a session gets one as a guest, for which the form is made."""
    return _form(request)


@router.post("/login")
def log_in(request: Request, form: Form) -> Response:
    """Take the token and open a session of another name, so that none that was planted lives on."""
    site = site_of(request)
    check_form(request, visitor_of(request).session, form.get("form_token"))
    secret = form.get("secret")
    token = token_of(site, secret.strip()) if isinstance(secret, str) else None
    if token is None:
        return _form(request, wrong=True)
    response = RedirectResponse("/upload", 303)
    keep_session(site, response, site.signer.open_session(token.id, site.settings.session_s)[1])
    return response


@router.post("/logout")
def log_out(request: Request, form: Form) -> Response:
    """End the session."""
    site = site_of(request)
    check_form(request, visitor_of(request).session, form.get("form_token"))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(site.cookie, secure=site.settings.https, httponly=True, samesite="strict")
    return response


def _form(request: Request, *, wrong: bool = False) -> Response:
    site, session, cookie = site_of(request), visitor_of(request).session, None
    if session is None:
        session, cookie = site.signer.open_session(GUEST, site.settings.session_s)
    form_token = site.signer.form_token(session.nonce)
    response = page("login.html", request, status=403 if wrong else 200, form_token=form_token, wrong=wrong)
    if cookie is not None:
        keep_session(site, response, cookie)
    return response
