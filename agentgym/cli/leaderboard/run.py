"""`agentgym leaderboard run`: play a suite and write the submission file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentgym.cli.options import WHO_PLAYS

__all__ = ["run"]


def run(
    suite: Annotated[str, typer.Argument(help="Name or TOML file of a suite.")],
    agent: Annotated[str, typer.Option(help=WHO_PLAYS)],
    out: Annotated[Path, typer.Option(help="Folder of the run; the same command resumes it.")],
    option: Annotated[list[str] | None, typer.Option(help="Option of the agent, name=value.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the agent's own chance.")] = 0,
    slots: Annotated[int, typer.Option(help="Episodes alive at once.")] = 64,
    step_limit: Annotated[
        float | None,
        typer.Option(help="Seconds a step may take; environments then get processes of their own."),
    ] = None,
    workers: Annotated[str | None, typer.Option(help="ray or ray:ADDRESS: who plays.")] = None,
    baselines: Annotated[bool, typer.Option(help="Play the floor and the ceiling too.")] = False,
    name: Annotated[str | None, typer.Option(help="Name shown. Default: the agent.")] = None,
    description: Annotated[str | None, typer.Option(help="What the agent is, in a few words.")] = None,
    card: Annotated[Path | None, typer.Option(help="Model card, a Markdown file.")] = None,
    curve: Annotated[Path | None, typer.Option(help="Training run, or its metrics.jsonl.")] = None,
    reproduces: Annotated[str | None, typer.Option(help="Digest of an entry that this one repeats.")] = None,
) -> None:
    """Play a suite and write OUT/submission.jsonl.zst, which anybody can verify and submit.

    Example: agentgym leaderboard run smoke --agent random --out runs/smoke-random
    """
    from agentgym.cli.leaderboard.words import words
    from agentgym.cli.options import parse_options
    from agentgym.cli.progress import progress
    from agentgym.evaluation import load_suite
    from agentgym.evaluation.report import render_result
    from agentgym.leaderboard.running import run_suite
    from agentgym.rollout import Isolation, RayWorkers

    said = words(name, description, card, curve, reproduces)
    expanded = load_suite(suite).expand()
    with progress() as bar:
        task = bar.add_task(expanded.title, total=len(expanded.episodes) * (3 if baselines else 1))
        result, file = run_suite(
            expanded,
            agent,
            out,
            words=said,
            agent_options=parse_options(option or []),
            seed=seed,
            slots=slots,
            baselines=baselines,
            isolation=None if step_limit is None else Isolation(step_limit),
            workers=None if workers is None else RayWorkers.parse(workers),
            watch=lambda row, trajectory: bar.advance(task),
        )
    from rich.console import Console

    Console().print(render_result(result))
    typer.echo(f"{file} is written. Submit it with: agentgym leaderboard submit {file}")
