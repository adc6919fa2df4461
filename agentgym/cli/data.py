"""`agentgym data`: the real data that is at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="The real data sets in $AGENTGYM_DATA.")

_FAMILIES = {
    "boxoban": "Boxoban levels, for Sokoban: --env-option levels=boxoban",
    "alfworld": "Official ALFWorld games (json_2.1.1), which agentgym/ALFWorld-v0 then plays by itself",
}


def _root() -> Path:
    from agentgym.errors import ArgumentError

    root = os.environ.get("AGENTGYM_DATA")
    if not root:
        raise ArgumentError(
            "$AGENTGYM_DATA is not set. Set it to a folder that holds boxoban/, alfworld/, ..."
        )
    return Path(root)


@app.command("list")
def list_data(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the data sets that environments can load, and whether they are there.

    Example: AGENTGYM_DATA=~/data agentgym data list
    """
    root = os.environ.get("AGENTGYM_DATA")
    rows = [
        {"name": name, "about": about, "present": bool(root) and (Path(root or "") / name).is_dir()}
        for name, about in _FAMILIES.items()
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo(f"{row['name']:10} {'present' if row['present'] else 'absent':8} {row['about']}")


@app.command("path")
def path(name: Annotated[str, typer.Argument(help="Name of a data set.")]) -> None:
    """Print where a data set lies.

    Example: agentgym data path boxoban
    """
    from agentgym.errors import DataError, suggest

    if name not in _FAMILIES:
        raise suggest("data set", name, _FAMILIES)
    found = _root() / name
    if not found.is_dir():
        raise DataError(f"{found} does not exist. Put the {name} data there.")
    typer.echo(str(found))
