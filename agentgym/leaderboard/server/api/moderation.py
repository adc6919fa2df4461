"""The API of moderation: an entry loses its place, or gets it back, with a reason that everybody reads."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.requests import Request

from agentgym.errors import ArgumentError
from agentgym.leaderboard.server.callers import Moderator
from agentgym.leaderboard.server.problems import answers
from agentgym.leaderboard.server.site import Number, site_of
from agentgym.leaderboard.summary import Summary
from agentgym.plain import plain

__all__ = ["router"]

_LONGEST = 300

router = APIRouter(tags=["moderation"], responses=answers(401, 403))


class Ruling(BaseModel):
    """What a moderator decides.

    Attributes:
        status: "flagged" and "withdrawn" take the place away, "verified" gives it back.
        reason: Why; one printable line.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    status: Literal["verified", "flagged", "withdrawn"]
    reason: Annotated[str, Field(min_length=1, max_length=_LONGEST)]

    @field_validator("reason")
    @classmethod
    def _printable(cls, reason: str) -> str:
        if not reason.strip() or plain(reason, limit=_LONGEST) != reason:
            raise ValueError("it must be one line of printable characters")
        return reason


@router.put("/entries/{id}/status", responses=answers(404, 409))
def rule(request: Request, token: Moderator, id: Number, ruling: Ruling) -> Summary:
    """Flag or withdraw an entry, or lift that; one that no longer reproduces cannot be lifted."""
    store = site_of(request).store
    try:
        if store.summary(id).status == "failed":
            raise HTTPException(409, f"Entry {id} does not reproduce. Verify it again instead.")
        reason = None if ruling.status == "verified" else f"{ruling.reason} ({token.owner})"
        store.set_status(id, ruling.status, reason)
        return store.summary(id)
    except ArgumentError as error:
        raise HTTPException(404, str(error)) from error
