"""Views written out as HTML. Templates escape everything; a name that they lack is an error."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from markupsafe import Markup

from agentgym.errors import require
from agentgym.evaluation.intervals import Estimate
from agentgym.leaderboard.pages import numbers
from agentgym.leaderboard.pages.card import read_card
from agentgym.leaderboard.pages.charts import Bar, bar
from agentgym.leaderboard.pages.inert import inert, inert_line, visible
from agentgym.leaderboard.pages.links import Links
from agentgym.leaderboard.pages.views.entry import Result
from agentgym.leaderboard.submission import Status

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["STATIC", "Extra", "assets_version", "environment", "render"]

STATIC: Final = Path(__file__).parent / "static"
_TEMPLATES: Final = Path(__file__).parent / "templates"
_METRIC_LINES: Final = (
    ("success", "success", 3),
    ("score", "score", 3),
    ("episode_return", "return", 2),
    ("turns", "turns", 1),
    ("invalid_rate", "share of invalid actions", 3),
    ("tokens", "tokens", 0),
    ("cost", "cost", 5),
    ("model_s", "seconds in the agent", 3),
    ("env_s", "seconds in the environment", 4),
)
_CHARACTERS: Final = 4_000_000
"""About as many characters of trajectories as a page may hold; the rest is in the episode's file."""
_SHOWN, _LEAST, _MOST = 1_500, 1_000, 20_000

Extra = Sequence[tuple[str, str]]
"""Further links of the head: name and address."""


def render(template: str, view: Any, link: Links, *, extra_links: Extra = (), **words: Any) -> str:
    """Write a page.

    Args:
        template: Name of the template, without suffix.
        view: What it shows.
        link: Links from this page.
        extra_links: Further links of the head.
        words: What the template needs beside.
    """
    return (
        environment()
        .get_template(f"{template}.html")
        .render(view=view, link=link, extra_links=extra_links, **words)
    )


def text_budget(turns: int) -> dict[str, int]:
    """Say how many characters of a text a page of so many turns shows at once, and at most."""
    most = min(_MOST, max(_LEAST, _CHARACTERS // (3 * max(1, turns))))
    return {"shown": min(_SHOWN, most), "most": most}


@cache
def assets_version() -> str:
    """Digest style and script, so that a browser asks anew when they change."""
    parts = (path.read_bytes() for path in sorted(STATIC.iterdir()))
    return hashlib.blake2b(b"".join(parts), digest_size=6).hexdigest()


@cache
def environment(*folders: Path) -> Environment:
    """Return what templates are rendered by.

    Args:
        folders: Where further templates are, which may extend ours.
    """
    jinja = require("jinja2", extra="board", who="The leaderboard's pages")
    made: Environment = jinja.Environment(
        loader=jinja.FileSystemLoader([*folders, _TEMPLATES]),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters: dict[str, Callable[..., Any]] = {
        "blocks": read_card,
        "inert": inert,
        "json": _json,
        "line": inert_line,
        "thousands": lambda number: f"{number:,}",
        "visible": visible,
        **{name: getattr(numbers, name) for name in numbers.__all__},
    }
    made.filters.update(filters)
    made.globals.update(
        metric_lines=_METRIC_LINES,
        place_bar=_place_bar,
        results=get_args(Result),
        statuses=get_args(Status),
        strip_bar=_strip_bar,
    )
    return made


def _place_bar(estimate: Estimate, floor: float | None, ceiling: float | None) -> Bar:
    return bar(estimate.value, estimate.low, estimate.high, floor=floor, ceiling=ceiling)


def _strip_bar(value: float, most: float) -> Markup:
    """Return place and height of a bar on a strip 100 high whose middle is zero."""
    height = max(2.0, 48 * abs(value) / most)
    top = 50 - height if value > 0 else 50
    return Markup(f'y="{top:.1f}" height="{height:.1f}"')


def _json(value: Any) -> str:
    if hasattr(value, "items"):
        value = dict(value)
    return json.dumps(value, ensure_ascii=False)
