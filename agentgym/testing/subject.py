"""`Subject`: the environment under check, as a maker of fresh instances and a store of played episodes."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gymnasium.envs.registration import EnvSpec

from agentgym.api import TextEnv
from agentgym.errors import ArgumentError
from agentgym.registry import make_env
from agentgym.testing.rule import RuleSkippedError
from agentgym.testing.transcript import Frame, advance, begin, play

__all__ = ["Effort", "Subject"]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is played.

    Attributes:
        episodes: Number of episodes (and seeds) that each rule plays.
        resets: Number of resets over which memory must stay flat.
        processes: Whether rules that start other processes are run.
        oracle_success: Share of its episodes in which the expert must succeed, in [0, 1]; None: the share
            that the environment states itself.
        growth_bytes: Live memory that each reset may add on average, above a fixed allowance of 64 KiB.
    """

    episodes: int = 5
    resets: int = 10_000
    processes: bool = True
    oracle_success: float | None = None
    growth_bytes: float = 64.0


class Subject:
    """An environment under check.

    Args:
        target: A registered id ("module:id" imports the module first), an instance, or a `TextEnv` class.
        env_kwargs: Constructor arguments, for an id or a class.
        effort: How much is played.

    Raises:
        UnknownNameError: The id is not registered.
        ArgumentError: The target is none of these.
    """

    def __init__(
        self,
        target: str | TextEnv | type[TextEnv],
        env_kwargs: Mapping[str, Any] | None = None,
        effort: Effort | None = None,
    ) -> None:
        self.effort = effort or Effort()
        self.kwargs = dict(env_kwargs or {})
        self._make: Callable[..., TextEnv] = self._maker(target)
        self._open: list[TextEnv] = []
        first = self.fresh()
        self.spec: EnvSpec | None = first.spec
        self.name = first.name

    def fresh(self, **overrides: Any) -> TextEnv:
        """Make an instance that nobody has used. It is closed by `close`."""
        env = self._make(**{**self.kwargs, **overrides})
        self._open.append(env)
        return env

    def close(self) -> None:
        """Close every instance that was handed out."""
        while self._open:
            self._open.pop().close()

    def registered(self) -> EnvSpec:
        """Return the spec.

        Raises:
            RuleSkippedError: The subject is a bare class or instance without an id.
        """
        if self.spec is None:
            raise RuleSkippedError("needs a registered id; this is a bare class or instance")
        return self.spec

    @cached_property
    def played(self) -> list[list[Frame]]:
        """Episodes of a half-random player, one per seed."""
        env = self.fresh()
        return [play(env, seed) for seed in range(self.effort.episodes)]

    @cached_property
    def mastered(self) -> list[list[Frame]]:
        """Episodes of the expert: one per seed, and one more of the first task of each split."""
        env = self.fresh()
        starts: list[tuple[int, str | None]] = [(seed, None) for seed in range(self.effort.episodes)]
        starts += [(0, env.tasks(split)[0]) for split in env.splits if len(env.tasks(split))]
        return [_master(env, seed, task) for seed, task in starts]

    def _maker(self, target: str | TextEnv | type[TextEnv]) -> Callable[..., TextEnv]:
        if isinstance(target, str):
            return _by_id(target)
        if isinstance(target, TextEnv) and target.spec is not None:
            self.kwargs = {**target.spec.kwargs, **self.kwargs}
            return _by_id(target.spec.id)
        if isinstance(target, TextEnv):
            return _by_copy(target)
        if isinstance(target, type) and issubclass(target, TextEnv):
            return target
        unwrapped = getattr(target, "unwrapped", None)
        hint = "Pass env.unwrapped." if isinstance(unwrapped, TextEnv) else "Pass a TextEnv or its id."
        raise ArgumentError(f"{target!r} is no TextEnv, no class of one and no id. {hint}")


def _by_id(env_id: str) -> Callable[..., TextEnv]:
    module, _, name = env_id.rpartition(":")
    if module:
        importlib.import_module(module)

    def make(**kwargs: Any) -> TextEnv:
        return make_env(name, **kwargs)

    return make


def _by_copy(env: TextEnv) -> Callable[..., TextEnv]:
    blank = copy.deepcopy(env)

    def make(**kwargs: Any) -> TextEnv:
        if kwargs:
            raise RuleSkippedError("needs an id or a class, to make instances with other arguments")
        return copy.deepcopy(blank)

    return make


def _master(env: TextEnv, seed: int, task: str | None) -> list[Frame]:
    frames = [begin(env, seed, task)]
    while not frames[-1].over and len(frames) <= env.max_steps + 1:
        frames.append(advance(env, env.oracle_action()))
    return frames
