"""`agentgym play`: play in the terminal, or watch an agent."""

from __future__ import annotations

from typing import Annotated, Any

import typer

__all__ = ["play"]


def play(
    env_id: Annotated[str, typer.Argument(help="Environment id, with or without 'agentgym/'.")],
    agent: Annotated[str, typer.Option(help="Who plays: human, oracle, random, hf:<folder>.")] = "human",
    split: Annotated[str, typer.Option(help="Split from which the seed picks the task.")] = "train",
    task: Annotated[str | None, typer.Option(help="Task id; default: the seed picks it.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the episode.")] = 0,
    option: Annotated[list[str] | None, typer.Option(help="name=value of the environment.")] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Play in a web browser instead.")] = False,
) -> None:
    """Play one episode in the terminal, or in a web browser where the environment has pages to show.

    Example: agentgym play Sokoban-v0 --seed 3
    """
    from agentgym.agents import make_agent
    from agentgym.cli.options import parse_options
    from agentgym.registry import full_id
    from agentgym.rollout import Episode, collect

    kwargs = {"split": split, **parse_options(option or [])}
    if browser:
        _browse(full_id(env_id), kwargs, seed, task)
        return
    player = make_agent(agent)
    episode = Episode(0, full_id(env_id), seed=seed, task=task, env_kwargs=kwargs)
    try:
        (trajectory,) = list(collect([episode], player, agent_seed=seed))
    except KeyboardInterrupt:
        typer.echo("\nStopped.")
        return
    if agent != "human":
        for step in trajectory.steps:
            typer.echo(f"{step.observation}\n> {step.decision.action}")
    typer.echo(trajectory.final_observation)
    if trajectory.error is not None:
        typer.echo(f"The episode broke off. {trajectory.error}", err=True)
        raise typer.Exit(1)
    outcome = "Solved" if trajectory.success else "Not solved"
    typer.echo(f"\n{outcome} in {len(trajectory.steps)} steps, return {trajectory.total_reward:.2f}.")


def _browse(env_id: str, kwargs: dict[str, Any], seed: int, task: str | None) -> None:
    """Let the environment show itself: its `browse(announce)` serves pages until an interrupt."""
    from agentgym.errors import ArgumentError
    from agentgym.registry import make_env

    env = make_env(env_id, **kwargs)
    browse = getattr(env, "browse", None)
    if browse is None:
        raise ArgumentError(f"{env_id} has no pages to show in a web browser. Leave out --browser.")
    env.reset(seed=seed, options=None if task is None else {"task": task})
    browse(typer.echo)
