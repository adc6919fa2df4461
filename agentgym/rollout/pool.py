"""Environments of a run: made when they are needed, used again, replaced when they fail."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack, suppress
from typing import TypeAlias

from agentgym.api import TextEnv
from agentgym.hashing import canonical_json
from agentgym.registry import make_env
from agentgym.rollout.isolation import IsolatedEnv, Isolation
from agentgym.rollout.plan import Episode

__all__ = ["EnvPool", "PooledEnv"]

PooledEnv: TypeAlias = TextEnv | IsolatedEnv


class EnvPool:
    """Environments of a run: those that are lent, and by what they were made of those that are free.

    Args:
        isolation: None: they live in this process; else each in a process of its own.
    """

    def __init__(self, isolation: Isolation | None = None) -> None:
        self._idle: dict[bytes, list[PooledEnv]] = defaultdict(list)
        self._lent: dict[int, PooledEnv] = {}
        self._isolation = isolation

    def take(self, episode: Episode) -> PooledEnv:
        """Lend a free environment for the episode, made now if there is none."""
        idle = self._idle[_setting(episode)]
        env = idle.pop() if idle else self._make(episode)
        self._lent[id(env)] = env
        return env

    def give(self, episode: Episode, env: PooledEnv) -> None:
        """Take back an environment that works."""
        del self._lent[id(env)]
        self._idle[_setting(episode)].append(env)

    def drop(self, env: PooledEnv) -> None:
        """Close an environment that raised: nobody may trust its state any more."""
        del self._lent[id(env)]
        with suppress(Exception):  # it may raise again, and it has been reported
            env.close()

    def close(self) -> None:
        """Close all environments, lent ones too: a run that is broken off leaves none open."""
        with ExitStack() as stack:
            for env in (*self._lent.values(), *(env for idle in self._idle.values() for env in idle)):
                stack.callback(env.close)
        self._lent.clear()
        self._idle.clear()

    def _make(self, episode: Episode) -> PooledEnv:
        if self._isolation is None:
            return make_env(episode.env_id, **episode.env_kwargs)
        return IsolatedEnv(episode.env_id, episode.env_kwargs, limit_s=self._isolation.limit_s)


def _setting(episode: Episode) -> bytes:
    return canonical_json([episode.env_id, dict(episode.env_kwargs)])
