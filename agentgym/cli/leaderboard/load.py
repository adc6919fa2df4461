"""`agentgym leaderboard load`: take entries from files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["load"]


def load(
    folder: Annotated[
        Path | None, typer.Argument(help="Filled by: agentgym leaderboard dump. Default: what ships.")
    ] = None,
    trust: Annotated[bool, typer.Option("--trust", help="Execute nothing; take the files' word.")] = False,
    store: Store = None,
) -> None:
    """Add the entries of a folder; each is verified first. Exit status 1 where one is rejected.

    Without a folder the reference results are loaded that come with a checkout (leaderboards/entries).

    Example: agentgym leaderboard load --trust && agentgym leaderboard show
    """
    from rich.console import Console
    from rich.text import Text

    from agentgym import leaderboard
    from agentgym.plain import plain

    console, failed = Console(soft_wrap=True), False
    source = leaderboard.shipped_entries() if folder is None else folder
    for loaded in leaderboard.load(leaderboard.open_store(store), source, trust=trust):
        failed |= not loaded.ok
        number = "" if loaded.id is None else f" as number {loaded.id}"
        console.print(Text(f"{plain(loaded.path)}: {plain(loaded.told, limit=600)}{number}"))
    if failed:
        raise typer.Exit(1)
