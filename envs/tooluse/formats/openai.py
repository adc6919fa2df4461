"""OpenAI: the assistant's message as JSON, or the bare call, or a list of calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envs.tooluse.core.call import ToolResult
from envs.tooluse.core.tool import Toolbox
from envs.tooluse.formats.json_text import calls_of, decode, encode
from envs.tooluse.formats.message import FormatFault, Message

__all__ = ["OpenAIFormat"]


class OpenAIFormat:
    """A text that begins with "{" or "[" is JSON; any other text is a reply."""

    name = "openai"

    def parse(self, text: str, tools: Toolbox, *, repair: bool = False) -> Message:
        """Read an agent's text."""
        if not text.lstrip().startswith(("{", "[")):
            return Message(text=text.strip())
        value, mended = decode(text, repair=repair)
        said: Any = None
        if isinstance(value, dict) and value.keys() & {"tool_calls", "content"}:
            said, value = value.get("content"), value.get("tool_calls")
        if said is not None and not isinstance(said, str):
            raise FormatFault('"content" is a text or null.')
        if not value:
            return Message(text=said or "", repaired=mended)
        calls, inner = calls_of(value, repair=repair)
        return Message(calls, said or "", mended or inner)

    def write(self, message: Message, tools: Toolbox) -> str:
        """Write a message."""
        record: dict[str, Any] = {"role": "assistant", "content": message.text}
        if message.calls:
            record["tool_calls"] = [
                {
                    "type": "function",
                    "function": {"name": call.name, "arguments": encode(dict(call.arguments))},
                }
                for call in message.calls
            ]
        return encode(record)

    def answer(self, results: Sequence[ToolResult]) -> str:
        """Write what came of calls: the output of one, or a JSON list of the outputs of several."""
        return results[0].output if len(results) == 1 else encode([result.output for result in results])

    def manual(self) -> str:
        """Tell an agent how to write a call."""
        return (
            'To call tools, write JSON and nothing else: {"tool_calls": [{"function": {"name": <tool>, '
            '"arguments": <object>}}]}. Any text that does not begin with { or [ is a reply.'
        )
