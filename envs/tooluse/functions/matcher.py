"""A function caller without a model: it matches words. It stands between the floor and the oracle."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from agentgym.trajectory import Decision, Turn
from envs.tooluse.core import Tool, ToolCall, toolbox
from envs.tooluse.formats import Message, format_named

__all__ = ["MatcherAgent"]

_DONE: Final = "Done."
_WORD: Final = re.compile(r"[A-Za-z]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_QUOTED: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NUMBER: Final = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)")
_NAME: Final = re.compile(r"[\w./#@:-]*[\w/]")
_COMMON: Final = frozenset((
    "a", "an", "and", "at", "by", "for", "from", "in", "into", "is", "it", "me", "my", "of", "on", "or",
    "please", "that", "the", "this", "to", "with",
))  # fmt: skip


class MatcherAgent:
    """Calls, for each request, the function that shares most words with it, and replies.

    A function's words are those of its name, description and parameters; rare ones count more. An argument is
    what the request quotes, its numbers, a value that the parameter's description names, or else the words
    that no description has, in order.

    Args:
        action_format: The format that the environment reads.
    """

    spec = "matcher"
    wants_oracle = False

    def __init__(self, action_format: str = "hermes") -> None:
        self._format = format_named(action_format)

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn by the last words of its user."""
        return [Decision(self._answer(turn.info["extra"])) for turn in turns]

    def _answer(self, extra: Mapping[str, Any]) -> str:
        tools = toolbox(Tool.from_openai(record, dict) for record in extra["tools"])
        last = extra["messages"][-1]
        call = _call(last["content"], list(tools.values())) if last["role"] == "user" else None
        return self._format.write(Message(text=_DONE) if call is None else Message((call,)), tools)


def _call(request: str, tools: Sequence[Tool]) -> ToolCall | None:
    """Match a request; None where no function shares a word with it."""
    known = [_words(f"{tool.name} {tool.description} {' '.join(tool.schema.names)}") for tool in tools]
    asked = _words(request)
    scores = [
        sum(1 / sum(word in other for other in known) for word in asked & words) / len(words) ** 0.5
        for words in known
    ]
    if not any(scores):
        return None
    best = max(range(len(tools)), key=scores.__getitem__)
    return ToolCall(tools[best].name, _arguments(request, tools[best], known[best]))


def _words(text: str) -> set[str]:
    split = _CAMEL.sub(" ", text).lower()
    return {word.removesuffix("s") for word in _WORD.findall(split)} - _COMMON


def _arguments(request: str, tool: Tool, known: set[str]) -> dict[str, Any]:
    """Fill what is required, and nothing else."""
    quoted = [first or second for first, second in _QUOTED.findall(request)]
    plain = _QUOTED.sub(" ", request)
    numbers = [float(text) if "." in text else int(text) for text in _NUMBER.findall(plain)]
    names = [word for word in _NAME.findall(plain) if not _words(word) <= known | _COMMON]
    names.sort(key=lambda word: word.isalpha() and word.islower())  # file.txt and Anna before plain words
    found = {}
    for name in tool.schema.parameters.get("required", []):
        schema = tool.schema.parameters["properties"][name]
        value = _value(schema, request, quoted, numbers, names)
        if value is not None:
            found[name] = value
    return found


def _value(
    schema: Mapping[str, Any], request: str, quoted: list[str], numbers: list[float], names: list[str]
) -> Any:
    kind = schema.get("type")
    if kind == "array":
        return _list(schema, numbers, names)
    if kind in ("number", "integer"):
        return numbers.pop(0) if numbers else None
    if kind == "boolean":
        return re.search(r"\b(un\w+|no|not|false)\b", request.lower()) is not None
    options = re.findall(r'"(\w+)"', schema.get("description", ""))
    mentioned = [option for option in options if re.search(rf"\b{option}\b", request, re.IGNORECASE)]
    if mentioned:
        return mentioned[0]
    if quoted and not any("." in name or "_" in name for name in names[:1]):
        return quoted.pop(0)
    return names.pop(0) if names else (quoted.pop(0) if quoted else None)


def _list(schema: Mapping[str, Any], numbers: list[float], names: list[str]) -> list[Any]:
    if schema.get("items", {}).get("type") in ("number", "integer"):
        return numbers
    return names[:1]
