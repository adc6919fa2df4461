"""What an agent asks of a tool, what it gets, and how what it said is quoted back to it."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["ToolCall", "ToolResult", "quoted", "text_of", "unfit"]

_WIDEST: Final = 1024  # bits of an integer: the range of a float
_HALF: Final = re.compile("[\ud800-\udfff]")


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
    """Quote a stranger's text, or the outer levels of another value, in ASCII; at most `limit` characters."""
    raw = text if isinstance(text, str) else reprlib.repr(text)
    return ascii(raw) if len(raw) <= limit else ascii(raw[:limit]) + "..."


def unfit(value: Any, levels: int) -> str:
    """Say why neither tools nor records should be given a JSON value; "" where they may.

    Args:
        value: The value.
        levels: How deeply it may be nested.
    """
    layer = [value]
    for _ in range(levels + 1):
        if any(isinstance(item, int) and item.bit_length() > _WIDEST for item in layer):
            return "holds an integer out of range"
        if any(isinstance(item, str) and _HALF.search(item) for item in layer):
            return "holds a lone surrogate, which is half a character"
        layer = [inner for outer in layer for inner in _inside(outer)]
        if not layer:
            return ""
    return f"is too deeply nested: at most {levels} levels are read"


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []
