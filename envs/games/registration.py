"""Names of games: what they are loaded from, and the ids of their views."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from typing import Any, cast

from pettingzoo import register

from agentgym.errors import ArgumentError, suggest
from agentgym.registry import NAMESPACE, register_env
from envs.games.protocol import TextGame

__all__ = ["game_names", "load_game", "register_game"]

_ENTRY_POINTS: dict[str, tuple[str, Mapping[str, Any]]] = {}


def register_game(
    name: str,
    entry_point: str,
    *,
    kwargs: Mapping[str, Any] | None = None,
    single: str | None = None,
    max_steps: int = 50,
    opponent: str = "random",
    simultaneous: bool = False,
) -> None:
    """Register a game and its views. Nothing of it is imported before it is made.

    The multi-agent id is `agentgym/<name>-v0`, for `pettingzoo.make("aec", ...)` and, where seats act
    together, for `pettingzoo.make("parallel", ...)` as well.

    Args:
        name: Name of the game, in lower case with underscores.
        entry_point: "module:callable"; called with the parameters as keywords, it returns the `TextGame`.
        kwargs: Arguments of the callable that are not the user's to choose.
        single: Name and version of the single-agent view, e.g. "KuhnPoker-v0"; None: there is none.
        max_steps: Number of steps after which the single-agent view truncates.
        opponent: Who sits at the other seats of the single-agent view unless somebody is named.
        simultaneous: Whether seats may act together.
    """
    _ENTRY_POINTS[name] = entry_point, dict(kwargs or {})
    pettingzoo_id = f"{NAMESPACE}/{name}-v0"
    register("aec", pettingzoo_id, "envs.games.aec:GameAEC", kwargs={"game": name})
    if simultaneous:
        register("parallel", pettingzoo_id, "envs.games.parallel:GameParallel", kwargs={"game": name})
    if single is not None:
        defaults = {"game": name, "max_steps": max_steps, "opponent": opponent}
        register_env(single, "envs.games.env:GameEnv", kwargs=defaults)


def game_names() -> tuple[str, ...]:
    """List the registered names, in the order of registration."""
    return tuple(_ENTRY_POINTS)


def load_game(name: str, params: Mapping[str, Any] | None = None) -> TextGame:
    """Load a game by name and parameters.

    Raises:
        UnknownNameError: There is no such game, or it has no such parameter.
        ArgumentError: A parameter has a value that cannot be used.
        MissingExtraError: The game needs OpenSpiel, which is not installed.
    """
    if name not in _ENTRY_POINTS:
        raise suggest("game", name, _ENTRY_POINTS)
    entry_point, kwargs = _ENTRY_POINTS[name]
    module, _, attribute = entry_point.partition(":")
    make = getattr(importlib.import_module(module), attribute)
    given = dict(params or {})
    try:
        inspect.signature(make).bind(**kwargs, **given)
    except TypeError as error:
        raise ArgumentError(f"The game {name!r} does not take the parameters {given}: {error}.") from error
    return cast(TextGame, make(**kwargs, **given))
