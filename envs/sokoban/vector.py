"""A vector of Sokoban environments without the cost of wrappers and of merging infos key by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from agentgym.errors import ArgumentError
from envs.sokoban.env import SokobanEnv

__all__ = ["SokobanVectorEnv"]

_Bools = NDArray[np.bool_]


class SokobanVectorEnv(SyncVectorEnv[tuple[str, ...], Sequence[str]]):
    """Steps its environments in one loop; transitions and infos are those of Gymnasium's `SyncVectorEnv`.

    Args:
        num_envs: Number of environments.
        autoreset_mode: As in Gymnasium; by default an ended episode restarts at the next step.
        kwargs: Constructor arguments of `SokobanEnv`.
    """

    def __init__(
        self, num_envs: int = 1, *, autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP, **kwargs: Any
    ) -> None:
        if num_envs < 1:
            raise ArgumentError(f"`num_envs` is {num_envs}. It must be at least 1.")
        make = partial(SokobanEnv, **kwargs)
        super().__init__([make] * num_envs, copy=False, autoreset_mode=autoreset_mode)

    def step(
        self, actions: Sequence[str]
    ) -> tuple[tuple[str, ...], NDArray[np.float64], _Bools, _Bools, dict[str, Any]]:
        """Act in every environment; one whose episode has ended starts the next one instead.

        Args:
            actions: One text for each environment.

        Returns:
            Observations (a tuple of texts), rewards, terminations and truncations of shape (num_envs,), and
            infos.

        Raises:
            ArgumentError: There are more or fewer actions than environments.
        """
        if self.autoreset_mode != AutoresetMode.NEXT_STEP:
            return super().step(actions)
        if len(actions) != self.num_envs:
            raise ArgumentError(f"There are {len(actions)} actions for {self.num_envs} environments.")
        results = [
            _restarted(env) if over else env.step(action)
            for env, over, action in zip(self.envs, self._autoreset_envs.tolist(), actions, strict=True)
        ]
        observations, rewards, terminations, truncations, infos = zip(*results, strict=True)
        self._observations, self._env_obs = observations, list(observations)
        self._rewards = np.array(rewards, dtype=np.float64)
        self._terminations, self._truncations = np.array(terminations), np.array(truncations)
        self._autoreset_envs = self._terminations | self._truncations
        return observations, self._rewards, self._terminations, self._truncations, merge_infos(infos)


def _restarted(env: Any) -> tuple[str, float, bool, bool, dict[str, Any]]:
    observation, info = env.reset()
    return observation, 0.0, False, False, info


def merge_infos(infos: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge infos of equal keys as Gymnasium does: a column for each key and a mask that is true throughout.

    Args:
        infos: One info for each environment.

    Returns:
        For a key k an array "k" of shape (num_envs,) and a mask "_k"; a dictionary in the infos becomes one
        such dictionary.
    """
    merged = dict[str, Any]()
    for key, first in infos[0].items():
        column = [info[key] for info in infos]
        merged[key] = merge_infos(column) if isinstance(first, dict) else _array(column)
        merged[f"_{key}"] = np.ones(len(infos), dtype=np.bool_)
    return merged


def _array(column: Sequence[Any]) -> NDArray[Any]:
    kind = type(column[0])
    if kind in (int, float, bool):
        return np.array(column, dtype=kind)
    array = np.empty(len(column), dtype=object)
    array[:] = column
    return array
