"""Who calls, and what they may do: by a token in the header, or by the cookie of a browser that logged in.

The API looks at the header alone, so no page of a stranger can make a browser use it. The forms look at the
cookie alone, and take nothing that was not made for its session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from agentgym.leaderboard.server.signing import Session
from agentgym.leaderboard.server.site import Site, site_of
from agentgym.leaderboard.tokens import ROLES, Role, Token

__all__ = [
    "GUEST",
    "Admin",
    "Moderator",
    "Submitter",
    "Visitor",
    "allows",
    "may_read",
    "token_of",
    "visitor_of",
]

GUEST: Final = 0
"""Token number of a session before the login."""

_LONGEST_SECRET: Final = 200
_Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, description="A token of the board, sent as: Bearer agentgym_...")),
]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser.

    Attributes:
        token: The token by which it logged in; None for a guest.
        session: Its session, a guest's too; None where it has none yet.
    """

    token: Token | None = None
    session: Session | None = None


def allows(token: Token | None, role: Role) -> bool:
    """Whether a token allows what a role may do."""
    return token is not None and ROLES.index(token.role) >= ROLES.index(role)


def token_of(site: Site, secret: str) -> Token | None:
    """Return the token of a secret, if it holds."""
    return site.store.tokens.find(secret) if len(secret) <= _LONGEST_SECRET else None


def visitor_of(request: Request) -> Visitor:
    """Return whose browser asks. A token that was revoked ends its sessions."""
    site = site_of(request)
    session = site.signer.read_session(request.cookies.get(site.cookie, ""))
    if session is None or session.token_id == GUEST:
        return Visitor(None, session)
    return Visitor(site.store.tokens.valid(session.token_id), session)


def _needs(role: Role) -> Callable[..., Token]:
    """Make the dependency of what only a bearer of a role may do: 401 without a token, 403 with a lesser."""

    def check(request: Request, bearer: _Bearer) -> Token:
        token = None if bearer is None else token_of(site_of(request), bearer.credentials)
        if token is None:
            raise HTTPException(401, "This needs a token that holds.", {"WWW-Authenticate": "Bearer"})
        if not allows(token, role):
            raise HTTPException(403, f"This needs the role {role}; the token's is {token.role}.")
        return token

    return check


def may_read(request: Request, bearer: _Bearer) -> None:
    """Let everybody read, but of a private board only bearers of a token."""
    if site_of(request).settings.private:
        _needs("reader")(request, bearer)


Submitter = Annotated[Token, Depends(_needs("submitter"))]
Moderator = Annotated[Token, Depends(_needs("moderator"))]
Admin = Annotated[Token, Depends(_needs("admin"))]
