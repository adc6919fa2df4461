"""The stockroom: a service and its tasks, for `agentgym/MCP-v0` without a server of yours."""

from __future__ import annotations

from envs.tooluse.mcp.stockroom.service import Shelves, Stockroom
from envs.tooluse.mcp.stockroom.tasks import KINDS, SPLITS, numbered, shelves_of, stockroom_task

__all__ = ["KINDS", "SPLITS", "Shelves", "Stockroom", "numbered", "shelves_of", "stockroom_task"]
