"""`agentgym leaderboard verify`: execute submissions again, stored ones or files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentgym.cli.leaderboard.options import Store

if TYPE_CHECKING:
    from agentgym.leaderboard import Verdict

__all__ = ["verify"]


def verify(
    what: Annotated[
        str | None, typer.Argument(help="Number of an entry, or a submission file. Default: all entries.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
    store: Store = None,
) -> None:
    """Execute submissions again; exit status 1 where one does not reproduce.

    A stored one then loses its place. A file is only read: nothing is stored.

    Example: agentgym leaderboard verify runs/smoke-random/submission.jsonl.zst
    """
    from rich.console import Console
    from rich.text import Text

    from agentgym.plain import plain

    console, failed = Console(soft_wrap=True), False
    for title, verdict in _verdicts(what, store):
        failed |= not verdict.ok
        if as_json:
            fault = {"episode": verdict.episode, "turn": verdict.turn}
            record = {"submission": title, "ok": verdict.ok, "reason": verdict.reason, **fault}
            typer.echo(json.dumps({**record, "notes": verdict.notes}))
        else:
            console.print(Text(f"{plain(title)}: {plain(verdict, limit=800)}"))
    if failed:
        raise typer.Exit(1)


def _verdicts(what: str | None, store: str | None) -> Iterator[tuple[str, Verdict]]:
    from agentgym import leaderboard

    if what is not None and not what.isdigit():
        yield what, leaderboard.verify_file(Path(what))
        return
    board = leaderboard.open_store(store)
    for number in board.ids() if what is None else [int(what)]:
        yield f"submission {number}", leaderboard.check_stored(board, number)
