"""The API of uploads: send a submission, see what became of it, take it back."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query
from starlette.requests import Request

from agentgym.errors import ArgumentError
from agentgym.leaderboard.server.callers import Submitter, allows
from agentgym.leaderboard.server.intake import seen_upload, take_in
from agentgym.leaderboard.server.problems import answers
from agentgym.leaderboard.server.site import Number, site_of
from agentgym.leaderboard.uploads import Upload, UploadStatus

__all__ = ["router"]

_TYPES: Final = ("application/zstd", "application/octet-stream")
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _TYPES},
    }
}

router = APIRouter(tags=["uploads"])


@router.post("/uploads", status_code=202, responses=answers(401, 403, 415), openapi_extra=_BODY)
async def send(request: Request, token: Submitter) -> Upload:
    """Send a submission file (*.jsonl.zst) as the body. It waits for its verdict."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise HTTPException(415, f"Send the file as the body, with Content-Type: {_TYPES[0]}.")
    return await take_in(site_of(request), token, request.stream())


@router.get("/uploads", responses=answers(401, 403))
def mine(
    request: Request,
    token: Submitter,
    status: UploadStatus | None = None,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[Upload]:
    """List one's own uploads, newest first; moderators see everybody's."""
    owner = None if allows(token, "moderator") else token.owner
    return site_of(request).store.uploads.all(owner=owner, status=status, offset=offset, limit=limit)


@router.get("/uploads/{id}", responses=answers(401, 403, 404))
def status(request: Request, token: Submitter, id: Number) -> Upload:
    """Tell what became of an upload."""
    return seen_upload(site_of(request), token, id)


@router.delete("/uploads/{id}", responses=answers(401, 403, 404, 409))
def cancel(request: Request, token: Submitter, id: Number) -> Upload:
    """Take back an upload that still waits."""
    site = site_of(request)
    seen_upload(site, token, id)
    try:
        return site.store.uploads.cancel(id)
    except ArgumentError as error:
        raise HTTPException(409, str(error)) from error
