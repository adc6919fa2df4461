"""Columns that the environment itself gives, by the keys of `info["extra"]`.

    tool_calls        number of calls made in the step, or their list
    predicted_calls   the calls made in the step, [name, {arguments}] each; else those of `tool_calls`
    reference_calls   the calls expected; of the episode's steps the last word counts
    stratum           a number that tells kinds of episodes apart; the last word counts
    rewards           the parts of the reward, K numbers
    process_reward    the environment's own judgement of the step

Before the first rollout one random episode shows whether an environment gives what is needed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from agentgym.agents import make_agent
from agentgym.errors import MissingColumnError
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Step, Trajectory
from baselines.trainer.config import TrainConfig

__all__ = ["check_environment", "environment_columns"]

_OF_THE_EPISODE = ("reference_calls", "stratum")


def environment_columns(trajectories: Sequence[Trajectory], names: Collection[str]) -> dict[str, Any]:
    """Read columns of N steps from what the environment told after each of them.

    Args:
        trajectories: The episodes, in the order of the batch.
        names: The columns.

    Returns:
        Each column as a list of N values.

    Raises:
        MissingColumnError: A step has no such fact. The message names column and environment.
    """
    return {name: [value for t in trajectories for value in _values(t, name)] for name in names}


def check_environment(config: TrainConfig, names: Collection[str]) -> None:
    """Play a random episode and see whether the environment gives what a run needs of it.

    Raises:
        MissingColumnError: It does not. The message names columns and environment.
    """
    if names:
        episodes = [
            Episode(number, env, seed=config.seed, env_kwargs=config.env_options)
            for number, env in enumerate(config.played)
        ]
        for played in collect(episodes, make_agent("random")):
            environment_columns([played], names)


def _values(trajectory: Trajectory, name: str) -> list[Any]:
    if name in _OF_THE_EPISODE:
        told = [step.extra[name] for step in trajectory.steps if step.extra.get(name) is not None]
        if not told:
            raise _absent(trajectory, name)
        return [_converted(name, told[-1])] * len(trajectory.steps)
    return [_converted(name, _fact(step, name, trajectory)) for step in trajectory.steps]


def _fact(step: Step, name: str, trajectory: Trajectory) -> Any:
    if (
        name == "predicted_calls"
        and name not in step.extra
        and isinstance(step.extra.get("tool_calls"), list)
    ):
        return step.extra["tool_calls"]
    if step.extra.get(name) is None:
        raise _absent(trajectory, name)
    return step.extra[name]


def _converted(name: str, fact: Any) -> Any:
    if name in ("predicted_calls", "reference_calls"):
        return tuple(fact)
    if name == "tool_calls":
        return fact if isinstance(fact, int | np.integer) else len(fact)
    return fact


def _absent(trajectory: Trajectory, name: str) -> MissingColumnError:
    return MissingColumnError(
        f"{trajectory.env_id} does not give the column {name!r}: its info['extra'] has no such key. Train on "
        "an environment that has it, or with another estimator or reward.rule."
    )
