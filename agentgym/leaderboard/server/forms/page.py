"""Render the pages with forms, in the dress of the board's other pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse

from agentgym.errors import require
from agentgym.leaderboard.pages.inert import inert, inert_line

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import Request

__all__ = ["page"]

_HERE: Final = Path(__file__).parent / "templates"


def page(
    template: str,
    request: Request,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """Render one page, which is kept by no cache.

    Args:
        template: Its file.
        request: What it answers.
        status: Of the answer.
        headers: Of the answer.
        values: What the template shows.
    """
    html = _templates().get_template(template).render(status=status, **values)
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store", **(headers or {})})


@cache
def _templates() -> Environment:
    jinja = require("jinja2", extra="board", who="The leaderboard's server")
    templates: Environment = jinja.Environment(
        loader=jinja.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.filters.update(inert=inert, inert_line=inert_line)
    return templates
