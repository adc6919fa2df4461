"""`agentgym eval`: an agent beside the random floor and the oracle ceiling."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentgym.cli.options import WHO_PLAYS
from agentgym.errors import ArgumentError

if TYPE_CHECKING:
    from agentgym.evaluation import EvalResult
    from agentgym.profiling import Profile
    from agentgym.trajectory import Trajectory

__all__ = ["evaluate"]


def evaluate(
    agent: Annotated[str | None, typer.Option(help=WHO_PLAYS)] = None,
    env: Annotated[str | None, typer.Option(help="Registered id, e.g. agentgym/SokobanSmall-v0.")] = None,
    suite: Annotated[str | None, typer.Option(help="Name or TOML file of a suite, instead of --env.")] = None,
    split: Annotated[str | None, typer.Option(help="Split of the tasks. Default: the last one.")] = None,
    episodes: Annotated[int | None, typer.Option(help="Number of episodes. Default: 100.")] = None,
    repeats: Annotated[int, typer.Option(help="How often every start is played, for pass^k and noise.")] = 1,
    seed: Annotated[int, typer.Option(help="First seed of the resets, and seed of the agent's chance.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; the same command resumes it.")] = None,
    slots: Annotated[int, typer.Option(help="Episodes alive at once.")] = 64,
    baselines: Annotated[bool, typer.Option(help="Play the random floor and the oracle ceiling too.")] = True,
    option: Annotated[list[str] | None, typer.Option(help="Option of the agent, name=value.")] = None,
    options: Annotated[Path | None, typer.Option(help="TOML file of options of the agent.")] = None,
    env_option: Annotated[
        list[str] | None, typer.Option(help="Argument of the environment, name=value.")
    ] = None,
    step_limit: Annotated[
        float | None,
        typer.Option(help="Seconds a step may take; environments then get processes of their own."),
    ] = None,
    retries: Annotated[int, typer.Option(help="Fresh starts of an episode whose process failed.")] = 1,
    workers: Annotated[
        str | None, typer.Option(help="ray or ray:ADDRESS: who plays; slots are each's.")
    ] = None,
    profile: Annotated[bool, typer.Option(help="Say where the time went.")] = False,
    rerun: Annotated[Path | None, typer.Option(help="Folder of a finished evaluation to run again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Evaluate an agent: success, score and costs with 95 % intervals, beside the floor and the ceiling.

    An episode that errors counts as a failure and is listed. With --suite and --out the run can be submitted:
    agentgym leaderboard submit OUT. With --rerun alone a finished evaluation is played again and every
    difference is named; the exit status is 1 if there is one.

    Example: agentgym eval --env agentgym/SokobanSmall-v0 --agent random --episodes 50
    """
    from agentgym.cli.options import agent_options_of, how_to_play, parse_options
    from agentgym.profiling import profiled

    if rerun is not None:
        return _rerun(rerun, slots, as_json)
    if agent is None or (env is None) == (suite is None):
        raise ArgumentError("Pass --agent SPEC and either --env ID or --suite NAME: who is to play what?")
    if suite is not None and (split is not None or episodes is not None or repeats != 1 or env_option):
        raise ArgumentError(
            "A suite fixes its episodes. Leave out --split, --episodes, --repeats and --env-option."
        )
    shared: dict[str, Any] = {"seed": seed, "out": out, "slots": slots, "baselines": baselines}
    shared["agent_options"] = agent_options_of(options, option or [])
    shared |= how_to_play(step_limit, retries, workers)
    with profiled() as profiles:
        if env is None:
            result = _on_suite(str(suite), agent, shared, as_json)
        else:
            shared |= {"split": split, "repeats": repeats, "env_kwargs": parse_options(env_option or [])}
            result = _on_env(env, agent, 100 if episodes is None else episodes, shared, as_json)
    _print(result, profiles if profile else None, as_json)
    return None


def _on_suite(suite: str, agent: str, shared: dict[str, Any], quiet: bool) -> EvalResult:
    from agentgym.evaluation import evaluate_suite, load_suite

    expanded = load_suite(suite).expand()
    with _bars(len(expanded.episodes), shared["baselines"], quiet=quiet) as watch:
        return evaluate_suite(expanded, agent, watch=watch, **shared)


def _on_env(env: str, agent: str, episodes: int, shared: dict[str, Any], quiet: bool) -> EvalResult:
    from agentgym.evaluation import evaluate as play
    from agentgym.registry import full_id

    env_id = full_id(env)
    with _bars(episodes * shared["repeats"], shared["baselines"], quiet=quiet) as watch:
        return play(env_id, agent, episodes=episodes, watch=watch, **shared)


def _print(result: EvalResult, profile: Profile | None, as_json: bool) -> None:
    from rich.console import Console

    from agentgym.evaluation.report import render_profile, render_result

    if as_json:
        extra = {} if profile is None else {"profile": profile.to_record()}
        typer.echo(json.dumps({**result.to_record(), **extra}, indent=1))
        return
    Console().print(render_result(result))
    if profile is not None:
        Console().print(render_profile(profile, result))


def _rerun(folder: Path, slots: int, as_json: bool) -> None:
    from agentgym.cli.progress import progress
    from agentgym.evaluation.rerun import rerun
    from agentgym.plain import plain

    with progress(quiet=as_json) as bar:
        task = bar.add_task("again", total=None)
        report = rerun(folder, slots=slots, watch=lambda _: bar.advance(task))
    typer.echo(json.dumps(report.to_record(), indent=1) if as_json else "\n".join(map(plain, report.lines())))
    if not report.ok:
        raise typer.Exit(1)


@contextmanager
def _bars(total: int, baselines: bool, *, quiet: bool) -> Iterator[Callable[[str, Trajectory], None]]:
    from agentgym.cli.progress import progress

    rows = ("agent", "floor", "ceiling") if baselines else ("agent",)
    with progress(quiet=quiet) as bar:
        tasks = {row: bar.add_task(row, total=total) for row in rows}
        yield lambda row, _: bar.advance(tasks[row])
