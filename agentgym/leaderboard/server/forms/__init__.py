"""Pages with forms, for people who log in with their token and upload by browser."""

from fastapi import APIRouter

from agentgym.leaderboard.server.forms import login, upload

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
router.include_router(login.router)
router.include_router(upload.router)
