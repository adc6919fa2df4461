"""`agentgym replay`: execute recorded episodes again and name the first difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["replay"]


def replay(
    file: Annotated[Path, typer.Argument(help="A trajectory file (.jsonl) or the folder of a run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Execute every recorded action again from its seed; exit status 1 where anything differs.

    Names the first differing turn of every episode. A line whose hash chain is broken ends the reading.

    Example: agentgym replay runs/demo
    """
    from rich.console import Console
    from rich.text import Text

    from agentgym.replay import replay_file

    report = replay_file(file)
    if as_json:
        typer.echo(json.dumps(report.to_record(), indent=1))
    else:
        console = Console(soft_wrap=True)
        for line in report.lines():
            console.print(Text(line))
    if not report.ok:
        raise typer.Exit(1)
