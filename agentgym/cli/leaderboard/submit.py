"""`agentgym leaderboard submit`: submit a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["submit"]


def submit(
    run: Annotated[Path, typer.Argument(help="Folder filled by: agentgym eval --suite NAME --out FOLDER.")],
    suite: Annotated[
        str | None, typer.Option(help="Suite that it answers. Default: the one it names.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name shown. Default: the agent.")] = None,
    store: Store = None,
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
