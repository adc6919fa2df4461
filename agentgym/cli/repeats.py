"""`agentgym repeats`: how far equal runs agree, and what a difference must exceed to mean something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["repeats"]


def repeats(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs with the same starts.")],
    seed: Annotated[int, typer.Option(help="Seed of the resamples.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure pass@k, pass^k, flip rate and noise floor over repeats: of one run, or of several alike.

    The noise floor is what two runs differ by in 19 of 20 cases though nothing has changed.

    Example: agentgym repeats runs/monday runs/tuesday
    """
    import numpy as np
    from rich.console import Console

    from agentgym.evaluation import outcomes, repeats_of
    from agentgym.evaluation.report import render_repeats
    from agentgym.rollout import load_run

    played = [trajectory for folder in runs for trajectory in load_run(folder)[1]]
    found = repeats_of(outcomes(played), np.random.default_rng(seed))
    if as_json:
        typer.echo(json.dumps(found.to_record(), indent=1))
    else:
        Console().print(render_repeats(found))
