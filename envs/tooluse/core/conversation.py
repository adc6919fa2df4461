"""The conversation of an episode, as OpenAI messages, and what came of its last step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agentgym.errors import DataError
from envs.tooluse.core.call import ToolResult
from envs.tooluse.formats.message import Message

__all__ = ["Conversation", "LastStep", "openai_wire"]

_ROLES = ("user", "assistant", "tool")


@dataclass(frozen=True, slots=True)
class LastStep:
    """What came of the last action.

    Attributes:
        calls: The calls that it made, as `{"name", "arguments"}`.
        results: What was said to each.
        parse_error: Why it could not be read; "" where it could.
        repaired: Whether broken JSON was mended to read it.
        reward_parts: What its reward is made of.
    """

    calls: tuple[dict[str, Any], ...] = ()
    results: tuple[str, ...] = ()
    parse_error: str = ""
    repaired: bool = False
    reward_parts: dict[str, float] = field(default_factory=dict)

    def save(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "calls": list(self.calls),
            "results": list(self.results),
            "parse_error": self.parse_error,
            "repaired": self.repaired,
            "reward_parts": dict(self.reward_parts),
        }

    @classmethod
    def load(cls, record: Any) -> LastStep:
        """Read what `save` wrote.

        Raises:
            DataError: It is something else.
        """
        calls, results, parts = record["calls"], record["results"], record["reward_parts"]
        sound = (
            all(_is_call(call) for call in calls)
            and len(calls) == len(results)
            and all(isinstance(result, str) for result in results)
            and all(isinstance(part, float) for part in parts.values())
            and isinstance(record["parse_error"], str)
            and isinstance(record["repaired"], bool)
        )
        if not sound:
            raise DataError("its last step is none")
        return cls(tuple(calls), tuple(results), record["parse_error"], record["repaired"], parts)


class Conversation:
    """Messages in OpenAI's form, but with the arguments of calls as objects (see `openai_wire`)."""

    def __init__(self, messages: Sequence[dict[str, Any]] = ()) -> None:
        self.messages = list(messages)
        self._calls = sum(len(message.get("tool_calls", ())) for message in self.messages)

    def user(self, text: str) -> None:
        """Add what the user (or the world) said."""
        self.messages.append({"role": "user", "content": text})

    def reply(self, text: str) -> None:
        """Add the agent's reply, or a text of its that could not be read."""
        self.messages.append({"role": "assistant", "content": text})

    def called(self, message: Message, results: Sequence[ToolResult]) -> None:
        """Add the agent's calls and what came of them."""
        ids = [f"call_{self._calls + index}" for index in range(len(results))]
        self._calls += len(results)
        calls = [
            {"id": id, "type": "function", "function": result.call.to_record()}
            for id, result in zip(ids, results, strict=True)
        ]
        self.messages.append({"role": "assistant", "content": message.text, "tool_calls": calls})
        self.messages += [
            {"role": "tool", "tool_call_id": id, "name": result.call.name, "content": result.output}
            for id, result in zip(ids, results, strict=True)
        ]

    @classmethod
    def load(cls, messages: Any) -> Conversation:
        """Read saved messages.

        Raises:
            DataError: They are none.
        """
        if not isinstance(messages, list) or not all(_is_message(message) for message in messages):
            raise DataError("its messages are none")
        return cls(messages)


def openai_wire(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Copy messages, with the arguments of calls as JSON text, as OpenAI-compatible servers want them.

    Chat templates of transformers want the objects: give them the messages as they are.
    """
    return [
        {**message, "tool_calls": [_wire_call(call) for call in message["tool_calls"]]}
        if "tool_calls" in message
        else dict(message)
        for message in messages
    ]


def _wire_call(call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    return {**call, "function": {**function, "arguments": json.dumps(function["arguments"])}}


def _is_call(call: Any) -> bool:
    return isinstance(call.get("name"), str) and isinstance(call.get("arguments"), dict)


def _is_message(message: Any) -> bool:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        return False
    calls = message.get("tool_calls", [])
    return (
        isinstance(message.get("content"), str)
        and isinstance(calls, list)
        and all(isinstance(call, dict) and isinstance(call.get("function"), dict) for call in calls)
    )
