"""`agentgym export`: recorded episodes as a data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["export"]


def export(
    run: Annotated[Path, typer.Argument(help="A trajectory file (.jsonl) or the folder of a run.")],
    out: Annotated[Path, typer.Option(help="Folder of the data set; an interrupted one is finished.")],
    form: Annotated[str, typer.Option(help="trajectories, sft, dpo or step-dpo.")] = "trajectories",
    keep: Annotated[
        str, typer.Option(help="Episodes of sft: success, best (of a group) or all.")
    ] = "success",
    instruction: Annotated[bool, typer.Option(help="Begin chats with the goal, and add tools.")] = True,
    match: Annotated[
        str, typer.Option(help="Steps that step-dpo compares: same state, or history.")
    ] = "state",
    history: Annotated[int | None, typer.Option(help="Past turns in a prompt of step-dpo; all.")] = None,
    gamma: Annotated[float, typer.Option(help="Discount of the returns of step-dpo.")] = 1.0,
    margin: Annotated[float, typer.Option(help="By how much the better must be better.")] = 0.0,
    rows: Annotated[int, typer.Option(help="Rows of a file.")] = 5000,
    license_: Annotated[str, typer.Option("--license", help="What the card says.")] = "other",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write recorded episodes as Parquet in the layout of Hugging Face datasets, for SFT and DPO.

    Example: agentgym export runs/oracle --form sft --out data/oracle-sft
    """
    from agentgym.cli.progress import progress
    from agentgym.datasets import ExportConfig
    from agentgym.datasets import export as write

    config = ExportConfig(
        form=form,  # type: ignore[arg-type]  # checked there
        keep=keep,  # type: ignore[arg-type]
        instruction=instruction,
        match=match,  # type: ignore[arg-type]
        history=history,
        gamma=gamma,
        margin=margin,
        rows=rows,
        license=license_,
    )
    with progress(quiet=as_json) as bar:
        task = bar.add_task(form, total=None)
        report = write(run, out, config, on_group=lambda done: bar.update(task, completed=done))
    if as_json:
        typer.echo(json.dumps({"folder": str(out), "rows": report.rows, "files": report.files}))
    else:
        told = ", ".join(f"{split} {count}" for split, count in report.rows.items())
        typer.echo(f"Rows: {told}. Read them with datasets.load_dataset({str(out)!r}).")
