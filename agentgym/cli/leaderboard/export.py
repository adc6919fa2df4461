"""`agentgym leaderboard export`: the pages as plain files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentgym.cli.leaderboard.options import Store

__all__ = ["export"]


def export(
    folder: Annotated[Path, typer.Argument(help="New, empty, or an earlier export, which is replaced.")],
    episodes: Annotated[
        int | None, typer.Option(help="Most episodes of an entry, from the first. Default: all.")
    ] = None,
    colour: Annotated[
        list[str] | None,
        typer.Option(help="What steps are coloured by; may be given several times. Default: reward."),
    ] = None,
    admissible: Annotated[
        bool, typer.Option(help="Execute every episode again for the actions that were admissible.")
    ] = False,
    store: Store = None,
) -> None:
    """Write the pages of a board as files that any web host serves and any browser opens.

    Example: agentgym leaderboard export site --colour reward --colour gigpo
    """
    from agentgym.leaderboard import open_store
    from agentgym.leaderboard.pages import Settings, export_site

    settings = Settings(episodes, tuple(colour or ("reward",)), admissible)
    made = export_site(open_store(store), folder, settings)
    typer.echo(f"{made.folder}: {made.pages:,} pages, {made.size / 2**20:.1f} MiB. Open index.html.")
