"""Agents, and how a specification such as "random" or "hf:runs/demo/model" names one."""

from agentgym.agents.prompt import PromptTemplate
from agentgym.agents.protocol import Agent, decisions_of
from agentgym.agents.specs import agent_specs, make_agent, register_agent

__all__ = ["Agent", "PromptTemplate", "agent_specs", "decisions_of", "make_agent", "register_agent"]
