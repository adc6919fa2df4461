"""Tool use: one core of tools, services, formats and users, and five families on it."""

from __future__ import annotations

from agentgym.agents import register_agent
from agentgym.cli.commands import register_checkup, register_command
from agentgym.registry import register_env

register_env("CustomerService-v0", "envs.tooluse.customer.env:CustomerServiceEnv")
register_env("FunctionCalling-v0", "envs.tooluse.functions.env:FunctionCallingEnv")
register_env("MCP-v0", "envs.tooluse.mcp.env:McpEnv")
register_env("SearchQA-v0", "envs.tooluse.search.env:SearchQAEnv")
register_env("PythonMath-v0", "envs.tooluse.python.env:PythonMathEnv")

register_command("mcp", "envs.tooluse.commands:app")
register_agent("idle", "envs.tooluse.core.idle:IdleAgent")
register_agent("matcher", "envs.tooluse.functions.matcher:MatcherAgent")
register_agent("reckoner", "envs.tooluse.python.reckoner:ReckonerAgent")
register_agent("seeker", "envs.tooluse.search.seeker:SeekerAgent")
register_agent("clerk", "envs.tooluse.customer.shop.clerk:ClerkAgent")

register_checkup("sandbox", "envs.tooluse.python.sandbox.selftest:checkup")
