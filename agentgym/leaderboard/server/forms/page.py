"""Render the pages with forms, in the dress of the board's other pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from agentgym.leaderboard.pages.links import Links
from agentgym.leaderboard.pages.rendering import assets_version, environment

__all__ = ["EXTRA_LINKS", "page"]

EXTRA_LINKS: Final = (("Upload", "upload"),)
"""What the head of every page links to beside the boards."""

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
    here = request.url.path.removeprefix(request.scope.get("root_path", "")).lstrip("/")
    link = Links(here, version=assets_version())
    extra = [(name, link.to(path)) for name, path in EXTRA_LINKS]
    words = {"link": link, "extra_links": extra, "section": "", "status": status, **values}
    html = environment(_HERE).get_template(template).render(**words)
    return HTMLResponse(
        html.encode("utf-8", "replace"), status, headers={"Cache-Control": "no-store", **(headers or {})}
    )
