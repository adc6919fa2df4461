"""What an agent asks of a tool, what it gets, and how what it said is quoted back to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ToolCall", "ToolResult", "is_deeper", "quoted", "text_of"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of one tool.

    Attributes:
        name: The tool.
        arguments: Its arguments by name: a JSON object.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def to_record(self) -> dict[str, Any]:
        """Return the call as a JSON object."""
        return {"name": self.name, "arguments": dict(self.arguments)}


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call.

    Attributes:
        call: The call.
        output: What the tool said, or why it was not run.
        ran: Whether the tool was run. Where it was not, nothing has changed.
        failed: Whether the tool raised, or was not run.
    """

    call: ToolCall
    output: str
    ran: bool = True
    failed: bool = False


def text_of(value: Any) -> str:
    """Write what a tool returned: a text as it is, a mapping or list as JSON, anything else by `str`."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        try:
            return json.dumps(value)
        except (TypeError, ValueError):
            return str(value)
    return str(value)


def quoted(text: object, limit: int = 80) -> str:
    """Quote a stranger's text in ASCII, at most `limit` characters of it."""
    raw = text if isinstance(text, str) else repr(text)
    return ascii(raw) if len(raw) <= limit else ascii(raw[:limit]) + "..."


def is_deeper(value: Any, levels: int) -> bool:
    """Whether a JSON value is nested more than so many levels deep."""
    layer = [value]
    for _ in range(levels + 1):
        layer = [
            item
            for outer in layer
            if isinstance(outer, dict | list)
            for item in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not layer:
            return False
    return True
