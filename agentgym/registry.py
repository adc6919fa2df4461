"""Ids, and how to make what they name: one environment, a vector, or a group that shares its chance."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import gymnasium
from gymnasium.envs.registration import load_env_creator
from gymnasium.vector import VectorEnv

from agentgym.api import TextEnv
from agentgym.errors import ArgumentError, suggest
from agentgym.hashing import derive_seed

__all__ = [
    "NAMESPACE",
    "GroupMember",
    "env_class",
    "env_ids",
    "full_id",
    "make_env",
    "make_group",
    "make_vec",
    "register_env",
]

NAMESPACE = "agentgym"


def register_env(
    name: str,
    entry_point: str,
    *,
    vector_entry_point: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
) -> None:
    """Register `agentgym/<name>`. Nothing is imported before the environment is made.

    Args:
        name: Name and version, e.g. "Sokoban-v0".
        entry_point: "module:Class" of a `TextEnv`.
        vector_entry_point: "module:Class" of a faster vector environment with the same transitions, if
            there is one.
        kwargs: Constructor arguments that make this id differ from its siblings.
    """
    gymnasium.register(
        id=f"{NAMESPACE}/{name}",
        entry_point=entry_point,
        vector_entry_point=vector_entry_point,
        kwargs=dict(kwargs or {}),
    )


def env_ids() -> tuple[str, ...]:
    """List the registered ids of this suite, sorted."""
    return tuple(sorted(id for id, spec in gymnasium.registry.items() if spec.namespace == NAMESPACE))


def env_class(env_id: str) -> type[TextEnv]:
    """Return the class of a registered id, without making an instance.

    Raises:
        UnknownNameError: The id is not registered.
    """
    creator: Any = load_env_creator(_known(env_id).entry_point)  # type: ignore[arg-type]
    made: type[TextEnv] = creator
    return made


def full_id(name: str) -> str:
    """Complete an id that was written without its namespace.

    Raises:
        UnknownNameError: The id is not registered.
    """
    env_id = name if "/" in name else f"{NAMESPACE}/{name}"
    _known(env_id)
    return env_id


def make_env(env_id: str, **kwargs: Any) -> TextEnv:
    """Make one environment, bare: no wrapper stands between the caller and the `TextEnv`.

    Raises:
        UnknownNameError: The id is not registered, or its environment has no argument of a name.
        ArgumentError: The id is no `TextEnv`.
    """
    _known(env_id)
    _check_arguments(env_id, kwargs)
    env = gymnasium.make(env_id, disable_env_checker=True, **kwargs).unwrapped
    if not isinstance(env, TextEnv):
        raise ArgumentError(f"{env_id} is a {type(env).__name__}, not a TextEnv. Register a TextEnv.")
    return env


def make_vec(
    env_id: str, num_envs: int = 1, *, vectorization_mode: str | None = None, **kwargs: Any
) -> VectorEnv:
    """Make a vector environment with settings that are safe for text.

    Args:
        env_id: Registered id.
        num_envs: Number of sub-environments.
        vectorization_mode: "sync", "async", "vector_entry_point", or None: the id's own vector environment
            where it has one, else "sync". "async" never uses shared memory, which cannot hold text.
        kwargs: Constructor arguments of the environment.

    Raises:
        UnknownNameError: The id or the mode is not known, or the environment has no argument of a name.
        ArgumentError: `num_envs` is not positive.
    """
    spec = _known(env_id)
    _check_arguments(env_id, kwargs)
    if num_envs < 1:
        raise ArgumentError(f"`num_envs` is {num_envs}. It must be at least 1.")
    modes = ["sync", "async", "vector_entry_point"]
    if vectorization_mode is None:
        vectorization_mode = "vector_entry_point" if spec.vector_entry_point else "sync"
    elif vectorization_mode not in modes:
        raise suggest("vectorization mode", vectorization_mode, modes)
    safe = {"shared_memory": False} if vectorization_mode == "async" else None
    return gymnasium.make_vec(
        env_id, num_envs=num_envs, vectorization_mode=vectorization_mode, vector_kwargs=safe, **kwargs
    )


class GroupMember(gymnasium.Wrapper[str, str, str, str]):
    """One member of a group: its k-th episode without a seed is the k-th of every other member."""

    def __init__(self, env: gymnasium.Env[str, str], seed: int) -> None:
        super().__init__(env)
        self.group_seed = seed
        self.episode = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Start the group's next episode, or the one that `seed` names."""
        if seed is None:
            seed = self.group_seed if self.episode == 0 else derive_seed(self.group_seed, self.episode)
        self.episode += 1
        return self.env.reset(seed=seed, options=options)


def make_group(env_id: str, n: int, seed: int, **kwargs: Any) -> list[GroupMember]:
    """Make n environments that share start *and* chance: equal actions give equal transitions.

    The first `reset()` starts the episode of `seed` in each; later ones go on in step, whatever was drawn
    in between.

    Args:
        env_id: Registered id.
        n: Number of members.
        seed: Seed of the group.
        kwargs: Constructor arguments of the environment.

    Raises:
        UnknownNameError: The id is not registered, or its environment has no argument of a name.
        ArgumentError: `n` is not positive.
    """
    _known(env_id)
    _check_arguments(env_id, kwargs)
    if n < 1:
        raise ArgumentError(f"`n` is {n}. A group has at least 1 member.")
    return [GroupMember(gymnasium.make(env_id, **kwargs), seed) for _ in range(n)]


def _known(env_id: str) -> gymnasium.envs.registration.EnvSpec:
    if env_id not in gymnasium.registry:
        raise suggest("environment", env_id, env_ids())
    return gymnasium.registry[env_id]


_OF_GYMNASIUM = ("max_episode_steps", "disable_env_checker")
"""Keywords that `gymnasium.make` keeps to itself."""


def _check_arguments(env_id: str, given: Iterable[str]) -> None:
    """Refuse an argument that the environment's constructor does not have, before Gymnasium calls it."""
    kind: Any = env_class(env_id)
    if not given or not isinstance(kind, type):
        return
    known: set[str] = set(_OF_GYMNASIUM)
    for base in kind.__mro__:
        made = vars(base).get("__init__")
        parameters = inspect.signature(made).parameters if made else {}
        known |= parameters.keys() - {"self"}
        if parameters and not any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
            break  # this one hands nothing on to its parents
    for name in given:
        if name not in known:
            raise suggest(f"argument of {env_id}", name, sorted(known))
