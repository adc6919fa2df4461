"""Pages with forms, for people who log in with their token and upload by browser."""

from fastapi import APIRouter

from agentgym.leaderboard.server.forms import login, upload
from agentgym.leaderboard.server.forms.access import reader_only

__all__ = ["reader_only", "router"]

router = APIRouter(include_in_schema=False)
router.include_router(login.router)
router.include_router(upload.router)
