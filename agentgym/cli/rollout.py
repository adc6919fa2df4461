"""`agentgym rollout`: play episodes into a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentgym.cli.options import WHO_PLAYS

if TYPE_CHECKING:
    from agentgym.rollout import RunPlan
    from agentgym.trajectory import Trajectory

__all__ = ["rollout"]


def rollout(
    env: Annotated[str, typer.Option(help="Environment id.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; a killed run goes on from there.")],
    agent: Annotated[str, typer.Option(help=WHO_PLAYS)] = "random",
    episodes: Annotated[int, typer.Option(help="Number of episodes.", min=1)] = 100,
    group_size: Annotated[
        int, typer.Option(help="Episodes that follow each other from one start.", min=1)
    ] = 1,
    split: Annotated[str, typer.Option(help="Split of the tasks.")] = "train",
    seed: Annotated[int, typer.Option(help="Seed of the first episode, and of the agent's chance.")] = 0,
    slots: Annotated[int, typer.Option(help="Episodes alive at once.", min=1)] = 64,
    option: Annotated[list[str] | None, typer.Option(help="name=value of the agent.")] = None,
    options: Annotated[Path | None, typer.Option(help="TOML file of options of the agent.")] = None,
    env_option: Annotated[list[str] | None, typer.Option(help="name=value of the environment.")] = None,
    step_limit: Annotated[
        float | None,
        typer.Option(help="Seconds a step may take; environments then get processes of their own."),
    ] = None,
    retries: Annotated[int, typer.Option(help="Fresh starts of an episode whose process failed.")] = 1,
    workers: Annotated[
        str | None, typer.Option(help="ray or ray:ADDRESS: who plays; slots are each's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Play episodes and keep their trajectories.

    Example: agentgym rollout --env agentgym/SokobanSmall-v0 --agent oracle --episodes 500 --out runs/oracle
    """
    from agentgym.cli.options import agent_options_of, how_to_play, parse_options
    from agentgym.registry import full_id
    from agentgym.rollout import TRAJECTORY_FILE, Episode, RunPlan

    agent_options = agent_options_of(options, option or [])
    how = how_to_play(step_limit, retries, workers)
    kwargs = {"split": split, **parse_options(env_option or [])}
    groups = [k // group_size for k in range(episodes)]
    planned = [
        Episode(k, full_id(env), seed=seed + g, group=g, env_kwargs=kwargs) for k, g in enumerate(groups)
    ]
    plan = RunPlan(agent, seed, planned, {"agent_options": json.dumps(agent_options, sort_keys=True)})
    played = _played(plan, agent_options, out, quiet=as_json, slots=slots, **how)
    result = {
        "file": str(out / TRAJECTORY_FILE),
        "episodes": len(played),
        "success": sum(t.success for t in played) / len(played),
        "errors": [t.episode for t in played if t.error is not None],
    }
    told = f"{result['success']:.1%} of {len(played)} solved: {result['file']}"
    typer.echo(json.dumps(result) if as_json else told)


def _played(
    plan: RunPlan, agent_options: dict[str, Any], out: Path, *, quiet: bool, **how: Any
) -> Sequence[Trajectory]:
    """Play a plan under a bar."""
    from agentgym.agents import make_agent
    from agentgym.cli.progress import progress
    from agentgym.rollout import run

    solved = 0
    with progress(quiet=quiet) as bar:
        task = bar.add_task(plan.agent, total=len(plan.episodes))

        def on_done(trajectory: Trajectory) -> None:
            nonlocal solved
            solved += trajectory.success
            bar.update(task, advance=1, description=f"{plan.agent}, {solved} solved")

        return run(plan, make_agent(plan.agent, **agent_options), out, on_done=on_done, **how)
