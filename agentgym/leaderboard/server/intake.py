"""Take an upload in: counted, written to disk as it comes, then queued in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import HTTPException
from starlette.requests import ClientDisconnect

from agentgym.errors import ArgumentError
from agentgym.leaderboard.server.callers import allows
from agentgym.leaderboard.server.receiving import received
from agentgym.leaderboard.server.site import Site
from agentgym.leaderboard.tokens import Token
from agentgym.leaderboard.uploads import Upload

__all__ = ["seen_upload", "take_in"]


async def take_in(site: Site, token: Token, chunks: AsyncIterator[bytes]) -> Upload:
    """Queue an upload.

    Args:
        site: Where.
        token: Whose it is.
        chunks: The file, as it comes.

    Raises:
        HTTPException: 400, 422 or 429; nothing is kept.
    """
    await asyncio.to_thread(_check_quota, site, token)
    try:
        async with received(chunks) as file:
            return await asyncio.to_thread(site.store.uploads.enqueue, file, owner=token.owner)
    except ArgumentError as error:
        raise HTTPException(422, str(error)) from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The connection was cut.") from error


def _check_quota(site: Site, token: Token) -> None:
    """Count one upload of a token.

    Raises:
        HTTPException: 429: they come too often, or too many wait already.
    """
    wait_s = site.uploads.take(str(token.id))
    if wait_s:
        raise HTTPException(429, "Too many uploads by this token.", {"Retry-After": str(wait_s)})
    waiting = site.store.uploads.count(owner=token.owner, status="waiting")
    if waiting >= site.settings.most_waiting:
        raise HTTPException(429, f"{waiting} uploads of {token.owner} wait already.", {"Retry-After": "60"})


def seen_upload(site: Site, token: Token, id: int) -> Upload:
    """Return an upload if this token may see it: its owner's, or a moderator's.

    Raises:
        HTTPException: 404; whose it is is not told.
    """
    try:
        upload = site.store.uploads.get(id)
    except ArgumentError as error:
        raise HTTPException(404, str(error)) from error
    if upload.owner != token.owner and not allows(token, "moderator"):
        raise HTTPException(404, f"There is no upload {id}.")
    return upload
