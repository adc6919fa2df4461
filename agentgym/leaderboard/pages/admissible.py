"""The actions that were admissible at each turn: found by executing an episode again, in a process apart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from agentgym.errors import AgentGymError
from agentgym.rollout import IsolatedEnv, WorkerError
from agentgym.trajectory import Trajectory

__all__ = ["Admissible", "admissible_actions"]

_CALL_S = 20.0
_ALL_S = 60.0
_MOST_ACTIONS = 200
_LONGEST_ACTION = 200


@dataclass(frozen=True, slots=True)
class Admissible:
    """What could have been done.

    Attributes:
        turns: At each turn the admissible actions, at most 200 of them, and how many there are; None where
            the set is open.
        fault: Why it was not found out to the end; None where it was.
    """

    turns: tuple[tuple[tuple[str, ...], int] | None, ...]
    fault: str | None = None


def admissible_actions(episode: Trajectory) -> Admissible:
    """Execute an episode again, for at most a minute, and note the admissible actions of each turn."""
    turns: list[tuple[tuple[str, ...], int] | None] = []
    try:
        turns.extend(_executed(episode, time.monotonic() + _ALL_S))
    except (AgentGymError, WorkerError, ImportError, OSError) as error:
        return Admissible(tuple(turns), fault=str(error))
    return Admissible(tuple(turns))


def _executed(episode: Trajectory, deadline: float) -> Iterator[tuple[tuple[str, ...], int] | None]:
    env = IsolatedEnv(episode.env_id, episode.env_kwargs, limit_s=_CALL_S)
    try:
        _, info = env.reset(seed=episode.seed, options={"task": episode.task_id})
        for number, step in enumerate(episode.steps):
            if time.monotonic() > deadline:
                raise WorkerError(f"turn {number} was not reached within {_ALL_S:g} s")
            actions = info["admissible_actions"]
            yield None if actions is None else (_shortened(actions), len(actions))
            *_, info = env.step(step.decision.action)
    finally:
        env.close()


def _shortened(actions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(action[:_LONGEST_ACTION] for action in actions[:_MOST_ACTIONS])
