"""The core of tool use: tools with schemas, calls, services. `core.env` holds the environment above them."""

from __future__ import annotations

from envs.tooluse.core.call import ToolCall, ToolResult, quoted, text_of
from envs.tooluse.core.schema import ArgumentSchema, derive_schema
from envs.tooluse.core.service import Change, Service, changes
from envs.tooluse.core.tool import Tool, Toolbox, run_call, tool, toolbox

__all__ = [
    "ArgumentSchema",
    "Change",
    "Service",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Toolbox",
    "changes",
    "derive_schema",
    "quoted",
    "run_call",
    "text_of",
    "tool",
    "toolbox",
]
