"""`agentgym leaderboard show`: show the rankings."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["show"]


def show(
    suite: Annotated[str | None, typer.Argument(help="Name of a suite. Default: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rankings as JSON.")] = False,
    store: Store = None,
) -> None:
    """Show the rankings with intervals; ≈ marks a step that the evidence does not support.

    Example: agentgym leaderboard show smoke
    """
    from rich.console import Console

    from agentgym import leaderboard
    from agentgym.leaderboard.report import render_board

    found = leaderboard.boards(leaderboard.open_store(store), suite)
    if as_json:
        typer.echo(json.dumps([board.to_record() for board in found], indent=1))
        return
    console = Console()
    if not found:
        console.print(
            "No submissions yet. Make a run with: agentgym eval --suite NAME --agent SPEC --out FOLDER"
        )
    for board in found:
        console.print(render_board(board))
