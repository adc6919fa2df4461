"""What a run is to do, before anything is done: episodes, each with its environment, seed and task."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentgym.errors import TrajectoryError

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

    @property
    def agent_options(self) -> dict[str, Any]:
        """Keywords of the agent, from the label of that name.

        Raises:
            TrajectoryError: The label is no JSON object.
        """
        text = self.labels.get("agent_options", "{}")
        try:
            return {str(name): value for name, value in json.loads(text).items()}
        except (ValueError, AttributeError) as error:
            raise TrajectoryError(f"The agent's options are {text!r}, which is no JSON object.") from error
