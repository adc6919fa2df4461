"""`agentgym leaderboard verify`: execute stored submissions again."""

from __future__ import annotations

from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["verify"]


def verify(
    id: Annotated[int | None, typer.Argument(help="Number of a submission. Default: all.")] = None,
    store: Store = None,
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
