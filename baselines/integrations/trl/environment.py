"""`environment_factory` of TRL's `GRPOTrainer`: any of our environments with one tool, `act`.

The model must call tools, as its chat template has them; TRL plays the conversation. One number, the sum of
the rewards, is all that TRL learns of an episode here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from agentgym.errors import ArgumentError
from agentgym.registry import full_id, make_env

__all__ = ["TextEnvironment", "environment_factory"]


def environment_factory(env_id: str, **env_kwargs: Any) -> Callable[[], TextEnvironment]:
    """Name an environment for `GRPOTrainer(environment_factory=...)`; train on the rows of `tool_dataset`.

    Args:
        env_id: Registered id.
        env_kwargs: Constructor arguments of the environment.

    Raises:
        UnknownNameError: The id is not registered.
    """
    return partial(TextEnvironment, full_id(env_id), env_kwargs)


class TextEnvironment:
    """One environment behind TRL's protocol: `reset`, `get_reward`, and every other public method a tool."""

    def __init__(self, env_id: str, env_kwargs: dict[str, Any]) -> None:
        self._env = make_env(env_id, **env_kwargs)
        self._reward, self._over = 0.0, True

    def reset(self, *, seed: int | None = None, task: str | None = None, **_: Any) -> str:
        """Start an episode: the members of a group have one seed, hence one start and one chance.

        Args:
            seed: Of the row.
            task: Of the row, where it has one.

        Returns:
            Goal and first observation, which TRL appends to the user's message.

        Raises:
            ArgumentError: The row has no seed: the members of a group would play different episodes.
        """
        if seed is None:
            raise ArgumentError("The data set has no column 'seed'. Train on the rows of tool_dataset.")
        options = None if task is None else {"task": task}
        observation, info = self._env.reset(seed=seed, options=options)
        self._reward, self._over = 0.0, False
        return f"{info['instruction']}\n\n{observation}"

    def act(self, action: str) -> str:
        """Act in the environment.

        Args:
            action: What to do, in words.

        Returns:
            What is seen after it.
        """
        if self._over:
            return "The episode is over."
        observation, reward, terminated, truncated, _ = self._env.step(str(action))
        self._reward += reward
        self._over = terminated or truncated
        return observation

    def get_reward(self) -> float:
        """Sum the rewards of the episode."""
        return self._reward
