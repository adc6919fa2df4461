"""Hermes: `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`, as Qwen and Hermes models write it."""

from __future__ import annotations

from collections.abc import Sequence

from agentgym.errors import ArgumentError
from envs.tooluse.core.call import ToolCall, ToolResult
from envs.tooluse.core.tool import Toolbox
from envs.tooluse.formats.json_text import calls_of, decode, decode_prefix, encode
from envs.tooluse.formats.message import MAX_CALLS, FormatFault, Message

__all__ = ["HermesFormat"]

_OPEN, _CLOSE = "<tool_call>", "</tool_call>"


class HermesFormat:
    """Calls as JSON between tags; text without the tags is a reply."""

    name = "hermes"

    def parse(self, text: str, tools: Toolbox, *, repair: bool = False) -> Message:
        """Read an agent's text."""
        calls: list[ToolCall] = []
        around: list[str] = []
        mended = False
        place = 0
        while (start := text.find(_OPEN, place)) >= 0:
            around.append(text[place:start])
            found, repaired, place = _read(text, start + len(_OPEN), repair)
            calls += found
            mended |= repaired
            if len(calls) > MAX_CALLS:
                raise FormatFault(f"There are more than {MAX_CALLS} calls. Make fewer.")
        around.append(text[place:])
        if _CLOSE in around[-1]:
            raise FormatFault(f"{_CLOSE} has no {_OPEN} before it.")
        return Message(tuple(calls), "".join(around).strip(), mended)

    def write(self, message: Message, tools: Toolbox) -> str:
        """Write a message.

        Raises:
            ArgumentError: The text holds a tag of this format.
        """
        if _OPEN in message.text or _CLOSE in message.text:
            raise ArgumentError(f"A reply in the format hermes cannot hold {_OPEN} or {_CLOSE}.")
        blocks = [f"{_OPEN}\n{encode(call.to_record())}\n{_CLOSE}" for call in message.calls]
        return "\n".join(filter(None, [message.text, *blocks]))

    def answer(self, results: Sequence[ToolResult]) -> str:
        """Write what came of calls."""
        return "\n".join(f"<tool_response>\n{result.output}\n</tool_response>" for result in results)

    def manual(self) -> str:
        """Tell an agent how to write a call."""
        return (
            f'To call a tool, write {_OPEN}{{"name": <tool>, "arguments": <object>}}{_CLOSE}. '
            "Text without such a tag is a reply."
        )


def _read(text: str, start: int, repair: bool) -> tuple[tuple[ToolCall, ...], bool, int]:
    """Read the call at `start`; return it, whether it was mended, and the place behind its closing tag."""
    while start < len(text) and text[start].isspace():
        start += 1
    try:
        value, end = decode_prefix(text, start)
        close = text.find(_CLOSE, end)
        if close < 0 or text[end:close].strip():
            raise FormatFault(f"{_OPEN} holds one JSON object and then {_CLOSE}.")
        mended = False
    except FormatFault:
        if not repair:
            raise
        close = text.find(_CLOSE, start)
        close = len(text) if close < 0 else close
        value, mended = decode(text[start:close], repair=True)
    calls, inner = calls_of(value, repair=repair)
    return calls, mended or inner, close + len(_CLOSE)
