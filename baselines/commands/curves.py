"""`agentgym curves`: the learning curves of several training runs in one picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["curves"]


def curves(
    runs: Annotated[list[Path], typer.Argument(help="Folders of `agentgym train`.")],
    out: Annotated[Path, typer.Option(help="The picture, .png, .svg or .pdf.")] = Path("curves.png"),
    window: Annotated[int, typer.Option(help="Updates in the moving mean.")] = 10,
    metric: Annotated[str, typer.Option(help="What is drawn: a number of metrics.jsonl.")] = "success",
    title: Annotated[str, typer.Option(help="Title of the picture.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the curves as JSON.")] = False,
) -> None:
    """Draw learning curves; runs that differ in their seed alone become one line with a band.

    Example: agentgym curves runs/alfworld/grpo-* runs/alfworld/gigpo-* --out curves.png
    """
    from baselines.trainer.curves import as_records, draw_curves, read_curves

    read = read_curves(runs, window=window, metric=metric)
    draw_curves(read, out, title=title)
    if as_json:
        typer.echo(json.dumps(as_records(read)))
        return
    for curve in read:
        first, last = curve.first_and_last
        spread = f"{last.min():.3f} to {last.max():.3f}"
        typer.echo(
            f"{curve.label}: {curve.metric} {first.mean():.3f} in the first update, {last.mean():.3f} "
            f"({spread}) in the last {min(window, curve.values.shape[1])} of {curve.values.shape[1]}, "
            f"seeds {', '.join(map(str, curve.seeds))}"
        )
    typer.echo(str(out))
