"""`agentgym leaderboard submit`: submit a run or a submission file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["submit"]


def submit(
    source: Annotated[Path, typer.Argument(help="Submission file, or the folder of a run.")],
    suite: Annotated[
        str | None, typer.Option(help="Suite that it answers. Default: the one it names.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name shown. Default: the agent.")] = None,
    description: Annotated[str | None, typer.Option(help="What the agent is, in a few words.")] = None,
    card: Annotated[Path | None, typer.Option(help="Model card, a Markdown file.")] = None,
    curve: Annotated[Path | None, typer.Option(help="Training run, or its metrics.jsonl.")] = None,
    reproduces: Annotated[str | None, typer.Option(help="Digest of an entry that this one repeats.")] = None,
    to: Annotated[str | None, typer.Option(help="Address of a board's server, instead of a store.")] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="File with your token for it. Default: $AGENTGYM_TOKEN.")
    ] = None,
    store: Store = None,
) -> None:
    """Verify a run and add it. One that does not reproduce is refused and its first fault named.

    A file has its words already, also the one that `leaderboard run` left in a folder; name, description,
    card and curve make a new one of the folder. With --to it is sent to a board's server, which verifies
    it; the verdict is awaited, and exit status 1 means rejected.

    Example: agentgym leaderboard submit runs/smoke-random --name "random walk"
    Example: agentgym leaderboard submit run.jsonl.zst --to https://board.example.org --token-file anna.token
    """
    from rich.console import Console
    from rich.text import Text

    from agentgym import leaderboard
    from agentgym.cli.leaderboard.send import send
    from agentgym.cli.leaderboard.words import words
    from agentgym.errors import ArgumentError
    from agentgym.evaluation import load_suite
    from agentgym.plain import plain

    said = words(name, description, card, curve, reproduces)
    if to is not None:
        if suite is not None or store is not None:
            raise ArgumentError(
                "The server at --to knows its suites and its store. Leave out --suite, --store."
            )
        send(source, to, token_file, said)
        return
    expanded = None if suite is None else load_suite(suite).frozen()
    entry = leaderboard.submit(source, leaderboard.open_store(store), suite=expanded, **said)
    told = f"{plain(entry.name)} is number {entry.id} of {entry.suite.title}: "
    console = Console(soft_wrap=True)
    console.print(Text(told + f"all {len(entry.suite.episodes)} episodes reproduce."))
    for note in entry.notes:
        console.print(Text(f"note: {plain(note, limit=400)}"))
