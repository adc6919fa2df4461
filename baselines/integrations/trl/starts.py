"""Data sets of starts for TRL: a row is one start, and TRL repeats it for the members of its group."""

from __future__ import annotations

import json
from typing import Any

from agentgym.errors import ArgumentError, require
from agentgym.hashing import derive_seed
from agentgym.registry import full_id
from agentgym.rollout import Episode

__all__ = ["rollout_dataset", "start_of", "tool_dataset"]


def rollout_dataset(env_id: str, n: int, *, seed: int = 0, **env_kwargs: Any) -> Any:
    """Make a `datasets.Dataset` of n starts for `EpisodeRollout`.

    A prompt is the start as JSON: TRL passes a rollout nothing else of a row. What the model reads is written
    by the environment.

    Args:
        env_id: Registered id.
        n: Number of starts.
        seed: Decides their seeds.
        env_kwargs: Constructor arguments of the environment (JSON values).

    Raises:
        UnknownNameError: The id is not registered.
        MissingExtraError: datasets is not installed.
    """
    datasets = require("datasets", extra="trl", who="rollout_dataset")
    start = {"env_id": full_id(env_id), "env_kwargs": env_kwargs}
    seeds = [derive_seed(seed, k) for k in range(n)]
    return datasets.Dataset.from_list([{"prompt": json.dumps({**start, "seed": each})} for each in seeds])


def tool_dataset(n: int, *, seed: int = 0, words: str = "") -> Any:
    """Make a `datasets.Dataset` of n starts for `environment_factory`: a chat and a seed.

    Args:
        n: Number of starts.
        seed: Decides their seeds.
        words: What the user says before the environment's goal and first observation.

    Raises:
        MissingExtraError: datasets is not installed.
    """
    datasets = require("datasets", extra="trl", who="tool_dataset")
    chat = [{"role": "user", "content": words}]
    return datasets.Dataset.from_list([{"prompt": chat, "seed": derive_seed(seed, k)} for k in range(n)])


def start_of(prompt: Any, number: int, group: int) -> Episode:
    """Read a prompt of `rollout_dataset` as an episode to be played.

    Raises:
        ArgumentError: It is none.
    """
    try:
        start = json.loads(prompt)
        return Episode(
            number,
            str(start["env_id"]),
            seed=int(start["seed"]),
            task=start.get("task"),
            group=group,
            env_kwargs=dict(start["env_kwargs"]),
        )
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise ArgumentError(
            f"The prompt {str(prompt)[:80]!r} is no start. Train on the rows of rollout_dataset."
        ) from error
