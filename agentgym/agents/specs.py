"""Agent specifications: which kinds there are, and how one names another that it builds upon."""

from __future__ import annotations

from typing import Any

from agentgym.agents.kinds import Kinds
from agentgym.agents.protocol import Agent

__all__ = ["agent_specs", "make_agent", "register_agent"]

_AGENTS: Kinds[Agent] = Kinds(
    "agent",
    {
        "random": ("agentgym.agents.random:RandomAgent", None),
        "oracle": ("agentgym.agents.oracle:OracleAgent", None),
        "human": ("agentgym.agents.human:HumanAgent", None),
        "replay": ("agentgym.agents.replay:ReplayAgent", "<file>"),
        "hf": ("agentgym.agents.hf:HFAgent.load", "<folder>"),
        "openai": ("agentgym.agents.server:ServerAgent.connect", "<base_url>#<model>"),
        "reflect": ("agentgym.agents.reflecting:ReflectingAgent.over", "<agent>"),
        "rerank": ("agentgym.agents.reranking:RerankingAgent.over", "<agent>"),
    },
)


def register_agent(kind: str, factory: str, argument: str | None = None) -> None:
    """Add a kind of agent.

    Args:
        kind: The word before the colon.
        factory: "module:callable"; called with the text after the colon, if any, and the options as keywords.
        argument: What stands after the colon, e.g. "<folder>"; None if nothing does.
    """
    _AGENTS.register(kind, factory, argument)


def agent_specs() -> tuple[str, ...]:
    """List the forms that a specification may take."""
    return _AGENTS.forms()


def make_agent(spec: str, **options: Any) -> Agent:
    """Make an agent.

    Args:
        spec: "random", "oracle", "human", "replay:<file>", "hf:<folder>" or "openai:<base_url>#<model>"; or
            one of "reflect:" and "rerank:" before any of these.
        options: Keywords of the agent, e.g. temperature=0.

    Raises:
        UnknownNameError: The kind or an option is unknown.
        ArgumentError: The argument after the colon is missing or superfluous, or an option does not fit.
    """
    return _AGENTS.make(spec, **options)
