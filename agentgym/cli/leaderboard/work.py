"""`agentgym leaderboard work`: verify uploads."""

from __future__ import annotations

from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["work"]


def work(
    once: Annotated[bool, typer.Option("--once", help="End when nothing waits.")] = False,
    attached: Annotated[
        bool, typer.Option("--attached", help="End when standard input does.", hidden=True)
    ] = False,
    store: Store = None,
) -> None:
    """Verify the uploads of a store, one after the other; several may do so at once.

    Example: agentgym leaderboard work --store postgresql+psycopg://board
    """
    from agentgym.leaderboard.opening import open_store
    from agentgym.leaderboard.server.work import work as work_on

    work_on(open_store(store), once=once, attached=attached)
