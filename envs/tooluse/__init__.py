"""Tool use: one core of tools, services, formats and users, and five families on it."""

from __future__ import annotations

from agentgym.cli.commands import register_checkup

register_checkup("sandbox", "envs.tooluse.python.sandbox.selftest:checkup")
