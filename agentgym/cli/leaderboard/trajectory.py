"""`agentgym leaderboard trajectory`: one episode of an entry, turn by turn."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["trajectory"]


def trajectory(
    entry: Annotated[int, typer.Argument(help="Number of an entry.")],
    episode: Annotated[int, typer.Argument(help="Number of one of its episodes, from 0.")],
    colour: Annotated[
        str, typer.Option(help="What each step is valued by: reward, progress or a method, e.g. gigpo.")
    ] = "reward",
    admissible: Annotated[
        bool, typer.Option(help="Execute the episode again for the actions that were admissible.")
    ] = False,
    skip: Annotated[int, typer.Option(help="Turns to skip.")] = 0,
    limit: Annotated[int, typer.Option(help="Most turns shown.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    store: Store = None,
) -> None:
    """Show an episode turn by turn: observation, answer, action, reward, and what a method credits it with.

    Example: agentgym leaderboard trajectory 3 0 --colour gigpo
    """
    from rich.console import Console

    from agentgym.leaderboard import open_store
    from agentgym.leaderboard.pages.views import as_record, trajectory_view
    from agentgym.leaderboard.report import render_trajectory

    found = trajectory_view(
        open_store(store), entry, episode, colouring=colour, admissible=admissible, offset=skip, limit=limit
    )
    if as_json:
        typer.echo(json.dumps(as_record(found), indent=1))
    else:
        Console(soft_wrap=True).print(render_trajectory(found))
