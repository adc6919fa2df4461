"""Agent specifications: `kind` or `kind:argument`, made by a factory that is named, not imported."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from agentgym.agents.protocol import Agent
from agentgym.errors import ArgumentError, suggest

__all__ = ["agent_specs", "make_agent", "register_agent"]

_FACTORIES: dict[str, tuple[str, str | None]] = {
    "random": ("agentgym.agents.random:RandomAgent", None),
    "oracle": ("agentgym.agents.oracle:OracleAgent", None),
    "human": ("agentgym.agents.human:HumanAgent", None),
    "replay": ("agentgym.agents.replay:ReplayAgent", "<file>"),
    "hf": ("agentgym.agents.hf:HFAgent.load", "<folder>"),
    "openai": ("agentgym.agents.server:ServerAgent.connect", "<base_url>#<model>"),
}


def register_agent(kind: str, factory: str, argument: str | None = None) -> None:
    """Add a kind of agent.

    Args:
        kind: The word before the colon.
        factory: "module:callable"; called with the text after the colon, if any, and the options as keywords.
        argument: What stands after the colon, e.g. "<folder>"; None if nothing does.
    """
    _FACTORIES[kind] = factory, argument


def agent_specs() -> tuple[str, ...]:
    """List the forms that a specification may take."""
    return tuple(f"{kind}:{argument}" if argument else kind for kind, (_, argument) in _FACTORIES.items())


def make_agent(spec: str, **options: Any) -> Agent:
    """Make an agent.

    Args:
        spec: "random", "oracle", "human", "replay:<file>", "hf:<folder>" or "openai:<base_url>#<model>".
        options: Keywords of the agent, e.g. temperature=0.

    Raises:
        UnknownNameError: The kind or an option is unknown.
        ArgumentError: The argument after the colon is missing or superfluous, or an option does not fit.
    """
    kind, colon, argument = spec.partition(":")
    if kind not in _FACTORIES:
        raise suggest("agent", spec, agent_specs())
    factory, form = _FACTORIES[kind]
    if (form is None and colon) or (form is not None and not argument):
        raise ArgumentError(f"{spec!r} is no agent. The form is {kind + ':' + form if form else kind!r}.")
    make = _resolve(factory)
    try:
        inspect.signature(make).bind(*[argument] * bool(argument), **options)
    except TypeError as error:
        raise ArgumentError(f"The agent {spec!r} does not take these options: {error}.") from error
    agent: Agent = make(*[argument] * bool(argument), **options)
    return agent


def _resolve(entry_point: str) -> Callable[..., Any]:
    module, _, path = entry_point.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found  # type: ignore[no-any-return]
