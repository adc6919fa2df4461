"""An agent's model asked for something that is no action: a reflection, a judgement."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from agentgym.agents.prompt import PromptTemplate
from agentgym.agents.protocol import Agent
from agentgym.trajectory import Decision

__all__ = ["said", "writer"]


def writer(agent: Agent, *, marker: str, max_new_tokens: int | None = None) -> Agent:
    """Return the same agent without its form of answer: it is told the goal, and nothing of how to act.

    Args:
        agent: The agent. One without a prompt template is returned as it is.
        marker: What stands before its answer.
        max_new_tokens: Greatest number of tokens of an answer; None: as before.
    """
    template = getattr(agent, "template", None)
    if not isinstance(template, PromptTemplate):
        return agent
    found: Any = copy.copy(agent)
    found.template = replace(
        template, instruction=True, style="plain", manual="", admissible=False, reminder=False, marker=marker
    )
    if max_new_tokens is not None:
        found.max_new_tokens = max_new_tokens
    return found  # type: ignore[no-any-return]


def said(decision: Decision) -> str:
    """Return what was written, without the thoughts before it."""
    return (decision.response or decision.action).rpartition("</think>")[2].strip()
