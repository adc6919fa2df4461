"""The text that tells an agent its role, its tools and how to call them."""

from __future__ import annotations

import json
from typing import Any, Literal

from envs.tooluse.core.tool import Tool, Toolbox
from envs.tooluse.formats.message import ActionFormat

__all__ = ["Detail", "signature", "system_text"]

Detail = Literal["full", "signatures", "none"]


def system_text(policy: str, tools: Toolbox, form: ActionFormat, detail: Detail) -> str:
    """Write the instruction of an episode.

    Args:
        policy: Role, rules and goal, in words.
        tools: The tools that the agent has.
        form: How it writes calls.
        detail: "full" lists the tools as JSON schemas, "signatures" in a line each; "none" leaves out tools
            and format, for agents whose chat template is given the tools.
    """
    if detail == "none" or not tools:
        return policy
    lines = map(signature, tools.values()) if detail == "signatures" else map(_as_json, tools.values())
    return "\n".join([policy, "", "Tools:", *lines, "", form.manual()])


def signature(tool: Tool) -> str:
    """Write a tool in a line, as in: refund(order: string, reason: "a" | "b" = ...): Pay it back."""
    parameters = tool.schema.parameters
    required = parameters.get("required", [])
    written = [
        f"{name}: {_kind(schema)}{'' if name in required else ' = ...'}"
        for name, schema in parameters.get("properties", {}).items()
    ]
    return f"{tool.name}({', '.join(written)}): {tool.description.partition('. ')[0].rstrip('.')}."


def _as_json(tool: Tool) -> str:
    return json.dumps(tool.openai()["function"], ensure_ascii=False)


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"array of {_kind(schema.get('items', {}))}"
    return kind if isinstance(kind, str) else " | ".join(kind)
