"""`agentgym leaderboard dump`: write the board as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["dump"]


def dump(
    folder: Annotated[Path, typer.Argument(help="Where the files go; made where it is missing.")],
    suite: Annotated[str | None, typer.Option(help="Only entries of this suite. Default: all.")] = None,
    store: Store = None,
) -> None:
    """Write all entries as files that git can keep: each submission as it came, and a small JSON beside it.

    Equal boards give equal bytes. Tokens and the queue of uploads are no part of it.

    Example: agentgym leaderboard dump board/
    """
    from rich.console import Console
    from rich.text import Text

    from agentgym import leaderboard

    done = leaderboard.dump(leaderboard.open_store(store), folder, suite=suite)
    told = f"{done.entries} entries in {folder}, {len(done.written)} files written."
    Console(soft_wrap=True).print(Text(told))
