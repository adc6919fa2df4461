"""What a chat server answered: checked, counted, and kept on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from agentgym.files import write_json
from agentgym.hashing import digest
from agentgym.trajectory import Turn

__all__ = ["Answer", "AnswerCache", "conversation"]

_MOST_TOKENS: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class Answer:
    """A chat completion.

    Attributes:
        text: What was said.
        calls: Tool calls, (name, arguments as JSON text) each.
        prompt_tokens: Tokens of the request, as the server counts; 0 where it does not say.
        completion_tokens: Tokens of the answer.
    """

    text: str
    calls: tuple[tuple[str, str], ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @classmethod
    def of(cls, reply: Any) -> Answer:
        """Read the client's reply.

        Raises:
            ValueError: It is no chat completion; or AttributeError, TypeError or LookupError.
        """
        message = reply.choices[0].message
        calls = tuple((call.function.name, call.function.arguments) for call in message.tool_calls or ())
        text = message.content if message.content is not None else ""
        if not isinstance(text, str) or not all(isinstance(part, str) for call in calls for part in call):
            raise ValueError(f"its message is a {type(text).__name__}")
        usage = reply.usage
        counts = (0, 0) if usage is None else (usage.prompt_tokens or 0, usage.completion_tokens or 0)
        if not all(0 <= count < _MOST_TOKENS for count in counts):
            raise ValueError(f"it counts {counts} tokens")
        said = tuple((_sendable(name), _sendable(arguments)) for name, arguments in calls)
        return cls(_sendable(text), said, int(counts[0]), int(counts[1]))

    def calls_text(self) -> str:
        """Write the calls as the JSON text that environments of tools read in the "openai" format."""
        return json.dumps(
            [
                {"type": "function", "function": {"name": name, "arguments": arguments}}
                for name, arguments in self.calls
            ]
        )


def _sendable(text: str) -> str:
    """Replace lone surrogates, which JSON can name and no request can carry, by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def conversation(turn: Turn) -> list[dict[str, Any]]:
    """Write the conversation of an environment of tools as the API wants it: arguments as JSON text."""
    messages = [{"role": "system", "content": turn.info["instruction"]}]
    return messages + [_on_the_wire(message) for message in turn.info["extra"]["messages"]]


def _on_the_wire(message: Mapping[str, Any]) -> dict[str, Any]:
    calls = [
        {**call, "function": {**call["function"], "arguments": json.dumps(call["function"]["arguments"])}}
        for call in message.get("tool_calls", ())
    ]
    return {**message, "tool_calls": calls} if calls else dict(message)


class AnswerCache:
    """Answers by request, one file each, written whole; several processes may share it.

    Args:
        folder: Where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, who: str, request: Mapping[str, Any]) -> Answer | None:
        """Find an answer; None where there is none, or none that can be read."""
        try:
            record = json.loads(self._path(who, request).read_text(encoding="ascii"))
            calls = tuple((str(name), str(arguments)) for name, arguments in record["calls"])
            return Answer(
                str(record["text"]), calls, int(record["prompt_tokens"]), int(record["completion_tokens"])
            )
        except (OSError, ValueError, TypeError, LookupError):
            return None

    def put(self, who: str, request: Mapping[str, Any], answer: Answer) -> None:
        """Keep an answer."""
        path = self._path(who, request)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, asdict(answer), durable=False)  # what is lost is asked for again

    def _path(self, who: str, request: Mapping[str, Any]) -> Path:
        key = digest([who, dict(request)])
        return self._folder / key[:2] / f"{key}.json"
