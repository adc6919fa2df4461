"""The API of tokens, for admins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from agentgym.errors import ArgumentError
from agentgym.leaderboard.server.callers import Admin
from agentgym.leaderboard.server.problems import answers
from agentgym.leaderboard.server.site import Number, site_of
from agentgym.leaderboard.tokens import Role, Token

__all__ = ["router"]

router = APIRouter(prefix="/tokens", tags=["tokens"], responses=answers(401, 403))


class Wish(BaseModel):
    """A token that is asked for.

    Attributes:
        owner: Whose it will be.
        role: What it allows.
        days: Days until it ends; null for never.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    owner: Annotated[str, Field(min_length=1, max_length=80)]
    role: Role
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


class Made(BaseModel):
    """A token with its secret, which is told this once.

    Attributes:
        token: The token.
        secret: What its owner sends.
    """

    token: Token
    secret: str


@router.post("", status_code=201)
def make(request: Request, _: Admin, wish: Wish) -> Made:
    """Make a token. The secret is in this answer and nowhere else."""
    ends = None if wish.days is None else datetime.now(UTC) + timedelta(days=wish.days)
    try:
        token, secret = site_of(request).store.tokens.new(wish.owner, wish.role, expires_at=ends)
    except ArgumentError as error:
        raise HTTPException(422, str(error)) from error
    return Made(token=token, secret=secret)


@router.get("")
def every(request: Request, _: Admin) -> list[Token]:
    """List all tokens, without their secrets."""
    return site_of(request).store.tokens.all()


@router.delete("/{id}", responses=answers(404))
def revoke(request: Request, _: Admin, id: Number) -> Token:
    """Withdraw a token at once, and end the sessions of browsers that logged in by it."""
    try:
        return site_of(request).store.tokens.revoke(id)
    except ArgumentError as error:
        raise HTTPException(404, str(error)) from error
