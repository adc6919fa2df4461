"""The JSON API, under one prefix."""

from fastapi import APIRouter

from agentgym.leaderboard.server.api import boards, moderation, tokens, uploads
from agentgym.leaderboard.server.problems import API

__all__ = ["router"]

router = APIRouter(prefix=API)
for _part in (boards.open_router, boards.router, uploads.router, moderation.router, tokens.router):
    router.include_router(_part)
