"""ReAct: thoughts, and after the last "Action:" a call as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envs.tooluse.core.call import ToolCall, ToolResult
from envs.tooluse.core.tool import Toolbox
from envs.tooluse.formats.json_text import calls_of, decode, encode
from envs.tooluse.formats.message import FormatFault, Message

__all__ = ["ReactFormat"]

_ACTION, _THOUGHT = "Action:", "Thought:"


class ReactFormat:
    """Thoughts, and after the last "Action:" a call, a list of calls, or a reply.

    A reply is the pseudo-call `{"name": "respond", "arguments": {"content": <text>}}`, or any text that does
    not begin with "{" or "[". tau-bench takes broken JSON for a reply, too; here it is a fault, so that the
    agent learns of it and no user is shown half a call.
    """

    name = "react"

    def parse(self, text: str, tools: Toolbox, *, repair: bool = False) -> Message:
        """Read an agent's text."""
        before, marker, after = text.rpartition(_ACTION)
        body = after.strip()
        if not marker or not body.startswith(("{", "[")):
            return Message(text=body)
        value, mended = decode(body, repair=repair)
        calls, inner = calls_of(value, repair=repair)
        mended = mended or inner
        if len(calls) == 1 and calls[0].name == "respond" and "respond" not in tools:
            return Message(text=_content(calls[0]), repaired=mended)
        return Message(calls, before.strip().removeprefix(_THOUGHT).strip(), mended)

    def write(self, message: Message, tools: Toolbox) -> str:
        """Write a message."""
        calls = message.calls or (ToolCall("respond", {"content": message.text}),)
        records = [call.to_record() for call in calls]
        body: Any = records[0] if len(records) == 1 else records
        thought = f"{_THOUGHT} {message.text}\n" if message.calls and message.text else ""
        # A colon inside the JSON is hidden, or "Action:" in an argument would be taken for the marker.
        return f"{thought}{_ACTION} {encode(body).replace(_ACTION, 'Action' + chr(92) + 'u003a')}"

    def answer(self, results: Sequence[ToolResult]) -> str:
        """Write what came of calls."""
        return "\n".join(f"Observation: {result.output}" for result in results)

    def manual(self) -> str:
        """Tell an agent how to write a call."""
        return (
            'Write "Thought:" and your thoughts, then "Action:" and a call as JSON: {"name": <tool>, '
            '"arguments": <object>}. To reply, call {"name": "respond", "arguments": {"content": <text>}}.'
        )


def _content(call: ToolCall) -> str:
    content = call.arguments.get("content")
    if not isinstance(content, str) or len(call.arguments) != 1:
        raise FormatFault('respond has one argument, "content", a text.')
    return content
