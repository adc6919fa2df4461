"""`agentgym eval`: an agent beside the random floor and the oracle ceiling."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentgym.errors import ArgumentError

if TYPE_CHECKING:
    from agentgym.trajectory import Trajectory

__all__ = ["evaluate"]


def evaluate(
    agent: Annotated[str, typer.Option(help="random, oracle, human, replay:FILE or hf:FOLDER.")],
    env: Annotated[str | None, typer.Option(help="Registered id, e.g. agentgym/SokobanSmall-v0.")] = None,
    suite: Annotated[str | None, typer.Option(help="Name or TOML file of a suite, instead of --env.")] = None,
    split: Annotated[str, typer.Option(help="Split of the tasks.")] = "test",
    episodes: Annotated[int, typer.Option(help="Number of episodes; tasks are taken in order.")] = 100,
    seed: Annotated[int, typer.Option(help="First seed of the resets, and seed of the agent's chance.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; the same command resumes it.")] = None,
    slots: Annotated[int, typer.Option(help="Episodes alive at once.")] = 64,
    baselines: Annotated[bool, typer.Option(help="Play the random floor and the oracle ceiling too.")] = True,
    option: Annotated[list[str] | None, typer.Option(help="Option of the agent, KEY=VALUE.")] = None,
    env_option: Annotated[
        list[str] | None, typer.Option(help="Argument of the environment, KEY=VALUE.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Evaluate an agent: success, score and costs with 95 % intervals, beside the floor and the ceiling.

    An episode that errors counts as a failure and is listed. With --suite and --out the run can be submitted:
    agentgym leaderboard submit OUT.

    Example: agentgym eval --env agentgym/SokobanSmall-v0 --agent random --episodes 50
    """
    from rich.console import Console

    from agentgym import evaluation
    from agentgym.evaluation.report import render_result

    if (env is None) == (suite is None):
        raise ArgumentError("Pass either --env ID or --suite NAME: what is to be played?")
    shared: dict[str, Any] = {
        "seed": seed, "out": out, "slots": slots, "baselines": baselines, "agent_options": _pairs(option)
    }  # fmt: skip
    if suite is not None:
        expanded = evaluation.load_suite(suite).expand()
        with _progress(len(expanded.episodes), baselines, quiet=as_json) as watch:
            result = evaluation.evaluate_suite(expanded, agent, watch=watch, **shared)
    else:
        assert env is not None
        shared |= {"split": split, "episodes": episodes, "env_kwargs": _pairs(env_option)}
        with _progress(episodes, baselines, quiet=as_json) as watch:
            result = evaluation.evaluate(env, agent, watch=watch, **shared)
    if as_json:
        typer.echo(json.dumps(result.to_record(), indent=1))
    else:
        Console().print(render_result(result))


@contextmanager
def _progress(total: int, baselines: bool, *, quiet: bool) -> Iterator[Callable[[str, Trajectory], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        rows = ("agent", "floor", "ceiling") if baselines else ("agent",)
        bars = {row: progress.add_task(row, total=total) for row in rows}
        yield lambda row, _: progress.advance(bars[row])


def _pairs(given: list[str] | None) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for item in given or ():
        key, equals, value = item.partition("=")
        if not key or not equals:
            raise ArgumentError(f"{item!r} is no KEY=VALUE. Write e.g. temperature=0.")
        try:
            pairs[key] = json.loads(value)
        except ValueError:
            pairs[key] = value
    return pairs
