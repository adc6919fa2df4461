"""`agentgym leaderboard diff`: two entries side by side."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["diff"]


def diff(
    first: Annotated[int, typer.Argument(help="Number of an entry.")],
    second: Annotated[int, typer.Argument(help="Number of another entry of the same suite.")],
    skip: Annotated[int, typer.Option(help="Episodes to skip.")] = 0,
    limit: Annotated[int, typer.Option(help="Most episodes listed.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    store: Store = None,
) -> None:
    """Compare two entries, paired over the same episodes, and list those in which they part.

    Example: agentgym leaderboard diff 3 5
    """
    from rich.console import Console

    from agentgym.leaderboard import open_store
    from agentgym.leaderboard.pages.views import as_record, comparison_view
    from agentgym.leaderboard.report import render_comparison

    found = comparison_view(open_store(store), first, second, offset=skip, limit=limit)
    if as_json:
        typer.echo(json.dumps(as_record(found), indent=1))
    else:
        Console().print(render_comparison(found))
