"""What a run is to do, before anything is done: episodes, each with its environment, seed and task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Episode", "RunPlan"]


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode to be played.

    Attributes:
        number: Its number within the run, from 0.
        env_id: Registered id.
        seed: Seed of the reset.
        task: Task id; None: the seed picks it.
        group: Number of the group of episodes that start alike.
        env_kwargs: Constructor arguments beyond the id's own (JSON values).
    """

    number: int
    env_id: str
    seed: int
    task: str | None = None
    group: int = 0
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Everything that decides what a run contains.

    Attributes:
        agent: Specification of the agent.
        agent_seed: Seed of the agent's own chance.
        episodes: The episodes; their numbers are 0, 1, 2, ...
        labels: Words about the run, e.g. the suite's name and hash.
    """

    agent: str
    agent_seed: int
    episodes: Sequence[Episode]
    labels: Mapping[str, str] = field(default_factory=dict)
