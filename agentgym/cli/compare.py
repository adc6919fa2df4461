"""`agentgym compare`: finished runs side by side, and whether their differences hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["compare"]


def compare(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs, two or more.")],
    seed: Annotated[int, typer.Option(help="Seed of the resamples.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Compare runs of `agentgym eval --out` or `agentgym rollout`, paired over the starts that they share.

    A difference counts as supported where its 95 % interval leaves out 0 and a sign-flip test agrees.

    Example: agentgym compare runs/mine-eval runs/other-eval
    """
    from rich.console import Console

    from agentgym.evaluation.contest import contest
    from agentgym.evaluation.report import render_contest
    from agentgym.rollout import load_run

    found = contest({str(folder): load_run(folder)[1] for folder in runs}, seed=seed)
    if as_json:
        typer.echo(json.dumps(found.to_record(), indent=1))
    else:
        Console().print(render_contest(found))
