"""Tool use: one core of tools, services, formats and users, and five families on it."""

from __future__ import annotations

from agentgym.cli.commands import register_checkup
from agentgym.registry import register_env

register_env("CustomerService-v0", "envs.tooluse.customer.env:CustomerServiceEnv")
register_env("SearchQA-v0", "envs.tooluse.search.env:SearchQAEnv")
register_env("PythonMath-v0", "envs.tooluse.python.env:PythonMathEnv")

register_checkup("sandbox", "envs.tooluse.python.sandbox.selftest:checkup")
