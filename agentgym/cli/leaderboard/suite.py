"""`agentgym leaderboard suite`: write, freeze and check suites."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["app"]

app = typer.Typer(
    help="What is measured: suites, frozen by the hash of every start.\n\n"
    "Example: agentgym leaderboard suite list",
    no_args_is_help=True,
)

_Name = Annotated[str, typer.Argument(help="Name or TOML file of a suite.")]


@app.command("list")
def list_suites(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the suites that can be found by name.

    Example: agentgym leaderboard suite list
    """
    from rich.console import Console
    from rich.table import Table

    from agentgym.evaluation import load_suite, suite_files

    suites = [load_suite(name) for name in suite_files()]
    if as_json:
        rows = [
            {
                "name": s.name,
                "version": s.version,
                "hash": s.lock and s.lock.hash,
                "description": s.description,
            }
            for s in suites
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    table = Table("name", "version", "hash", "about")
    for suite in suites:
        hash = "not frozen" if suite.lock is None else suite.lock.hash[:8]
        table.add_row(suite.name, str(suite.version), hash, suite.description)
    Console().print(table)


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="TOML file to be written; the suite gets its name.")],
    env: Annotated[list[str], typer.Option(help="Registered id; give it again for a further setting.")],
    split: Annotated[str | None, typer.Option(help="Split of the tasks. Default: the last one.")] = None,
    tasks: Annotated[int, typer.Option(help="Number of tasks of each setting.")] = 50,
    seed: Annotated[int, typer.Option(help="Seed of the resets.")] = 0,
    repeats: Annotated[int, typer.Option(help="Number of episodes of each start.")] = 1,
    max_tokens: Annotated[int, typer.Option(help="Greatest number of tokens of one response.")] = 16_384,
) -> None:
    """Write a suite to go on from, and check that its tasks exist.

    Example: agentgym leaderboard suite new leaderboards/suites/mine.toml --env Sokoban-v0 --tasks 20
    """
    from agentgym.evaluation.drafting import draft

    draft(file, env, split=split, tasks=tasks, seed=seed, repeats=repeats, max_tokens=max_tokens)
    typer.echo(f"{file} is written. Edit it, then: agentgym leaderboard suite freeze {file}")


@app.command()
def freeze(
    name: _Name,
    measure: Annotated[bool, typer.Option(help="Let the random agent and the oracle play it.")] = True,
) -> None:
    """Write the lock of a suite: every start, floor and ceiling of each setting, and the hash of all.

    Refuses to change what was frozen before under the same version.

    Example: agentgym leaderboard suite freeze smoke
    """
    from agentgym.cli.progress import progress
    from agentgym.evaluation.freezing import freeze as freeze_suite

    with progress() as bar:
        task = bar.add_task("floor and ceiling", total=None)
        lock = freeze_suite(name, measure=measure, watch=lambda *_: bar.advance(task))
    typer.echo(f"{lock.suite} v{lock.version}: {lock.hash}")
    for number, found in enumerate(lock.measured):
        typer.echo(f"  setting {number}: floor {_shown(found.floor)}, ceiling {_shown(found.ceiling)}")


@app.command()
def check(names: Annotated[list[str] | None, typer.Argument(help="Suites. Default: all.")] = None) -> None:
    """Start every task again and compare it with what was frozen; exit status 1 where one has changed.

    Example: agentgym leaderboard suite check smoke core
    """
    from agentgym.errors import AgentGymError
    from agentgym.evaluation import load_suite, suite_files

    failed = False
    for name in names or suite_files():
        try:
            suite = load_suite(name)
            expanded = suite.expand()
            state = "not frozen" if suite.lock is None else "as frozen"
            typer.echo(f"{expanded.title}: {len(expanded.entries)} episodes, {state}")
        except AgentGymError as error:
            failed = True
            typer.echo(f"{name}: {error}")
    if failed:
        raise typer.Exit(1)


@app.command("hash")
def print_hash(name: _Name) -> None:
    """Print the hash of a suite: that of its lock, or else of what its environments say now.

    Example: agentgym leaderboard suite hash smoke
    """
    from agentgym.evaluation import load_suite

    typer.echo(load_suite(name).frozen().hash)


def _shown(means: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in means.items()) or "not measured"
