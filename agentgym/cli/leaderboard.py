"""`agentgym leaderboard`: submit a run, show the rankings, verify what is stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(
    help="A leaderboard that executes every submitted action again before it counts.", no_args_is_help=True
)

_Store = Annotated[
    str | None,
    typer.Option(
        help="SQLite file or database URL. Default: $AGENTGYM_STORE, else ./runs/leaderboard.sqlite."
    ),
]


@app.command()
def submit(
    run: Annotated[Path, typer.Argument(help="Folder filled by: agentgym eval --suite NAME --out FOLDER.")],
    suite: Annotated[
        str | None, typer.Option(help="Suite that it answers. Default: the one it names.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name shown. Default: the agent.")] = None,
    store: _Store = None,
) -> None:
    """Verify a run and add it. A run that does not reproduce is refused and its first fault named.

    Example: agentgym leaderboard submit runs/smoke-random --name "random walk"
    """
    from rich.console import Console
    from rich.text import Text

    from agentgym import leaderboard
    from agentgym.evaluation import load_suite
    from agentgym.plain import plain

    expanded = None if suite is None else load_suite(suite).expand()
    entry = leaderboard.submit(run, leaderboard.open_store(store), suite=expanded, name=name)
    told = f"{plain(entry.name)} is number {entry.id} of {entry.suite.title}: "
    Console(soft_wrap=True).print(Text(told + f"all {len(entry.suite.episodes)} episodes reproduce."))


@app.command()
def show(
    suite: Annotated[str | None, typer.Argument(help="Name of a suite. Default: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rankings as JSON.")] = False,
    store: _Store = None,
) -> None:
    """Show the rankings with intervals; ≈ marks a step that the evidence does not support.

    Example: agentgym leaderboard show smoke
    """
    from rich.console import Console

    from agentgym import leaderboard
    from agentgym.leaderboard.report import render_board

    found = leaderboard.boards(leaderboard.open_store(store).all(suite=suite))
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


@app.command()
def verify(
    id: Annotated[int | None, typer.Argument(help="Number of a submission. Default: all.")] = None,
    store: _Store = None,
) -> None:
    """Execute stored submissions again; exit status 1 where one does not reproduce. It then loses its place.

    Example: agentgym leaderboard verify 3
    """
    from rich.console import Console
    from rich.text import Text

    from agentgym import leaderboard
    from agentgym.plain import plain

    console, board, failed = Console(soft_wrap=True), leaderboard.open_store(store), False
    for number in board.ids() if id is None else [id]:
        verdict = leaderboard.check_stored(board, number)
        failed |= not verdict.ok
        console.print(Text(f"submission {number}: {plain(verdict, limit=600)}"))
    if failed:
        raise typer.Exit(1)
