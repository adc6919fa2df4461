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
    agent: Annotated[
        str, typer.Option(help="random, oracle, human, replay:FILE, hf:FOLDER, openai:URL#MODEL.")
    ],
    env: Annotated[str | None, typer.Option(help="Registered id, e.g. agentgym/SokobanSmall-v0.")] = None,
    suite: Annotated[str | None, typer.Option(help="Name or TOML file of a suite, instead of --env.")] = None,
    split: Annotated[str | None, typer.Option(help="Split of the tasks. Default: the last one.")] = None,
    episodes: Annotated[int | None, typer.Option(help="Number of episodes. Default: 100.")] = None,
    seed: Annotated[int, typer.Option(help="First seed of the resets, and seed of the agent's chance.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; the same command resumes it.")] = None,
    slots: Annotated[int, typer.Option(help="Episodes alive at once.")] = 64,
    baselines: Annotated[bool, typer.Option(help="Play the random floor and the oracle ceiling too.")] = True,
    option: Annotated[list[str] | None, typer.Option(help="Option of the agent, name=value.")] = None,
    env_option: Annotated[
        list[str] | None, typer.Option(help="Argument of the environment, name=value.")
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
    from agentgym.cli.options import parse_options
    from agentgym.evaluation.report import render_result
    from agentgym.registry import full_id

    if (env is None) == (suite is None):
        raise ArgumentError("Pass either --env ID or --suite NAME: what is to be played?")
    if suite is not None and (split is not None or episodes is not None or env_option):
        raise ArgumentError("A suite fixes its episodes. Leave out --split, --episodes and --env-option.")
    shared: dict[str, Any] = {"seed": seed, "out": out, "slots": slots, "baselines": baselines}
    shared["agent_options"] = parse_options(option or [])
    if env is None:
        expanded = evaluation.load_suite(str(suite)).expand()
        with _bars(len(expanded.episodes), baselines, quiet=as_json) as watch:
            result = evaluation.evaluate_suite(expanded, agent, watch=watch, **shared)
    else:
        env_id, count = full_id(env), (100 if episodes is None else episodes)
        shared |= {"split": split, "env_kwargs": parse_options(env_option or [])}
        with _bars(count, baselines, quiet=as_json) as watch:
            result = evaluation.evaluate(env_id, agent, episodes=count, watch=watch, **shared)
    if as_json:
        typer.echo(json.dumps(result.to_record(), indent=1))
    else:
        Console().print(render_result(result))


@contextmanager
def _bars(total: int, baselines: bool, *, quiet: bool) -> Iterator[Callable[[str, Trajectory], None]]:
    from agentgym.cli.progress import progress

    rows = ("agent", "floor", "ceiling") if baselines else ("agent",)
    with progress(quiet=quiet) as bar:
        tasks = {row: bar.add_task(row, total=total) for row in rows}
        yield lambda row, _: bar.advance(tasks[row])
