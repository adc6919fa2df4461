"""XML tags: `<search>words</search>`, or `<refund><order>7</order></refund>`: the tag is the tool."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from envs.tooluse.core.call import ToolCall, ToolResult, quoted
from envs.tooluse.core.tool import Tool, Toolbox
from envs.tooluse.formats.json_text import decode
from envs.tooluse.formats.message import MAX_CALLS, FormatFault, Message

__all__ = ["XmlTagsFormat"]

_TAG = re.compile(r"<([A-Za-z_][\w.-]{0,80})>")
_REFERENCE = re.compile(r"&(amp|lt|gt|#\d{1,7});")
_NAMES = {"amp": "&", "lt": "<", "gt": ">"}


class XmlTagsFormat:
    """A tag named like a tool is a call; text without such a tag is a reply.

    The body is the value of a tool's only required (or only) parameter, or one tag for each argument. A value
    of type string stands as it is, others as JSON. "&amp;", "&lt;", "&gt;" and "&#N;" are understood.
    """

    name = "xml-tags"

    def parse(self, text: str, tools: Toolbox, *, repair: bool = False) -> Message:
        """Read an agent's text."""
        calls: list[ToolCall] = []
        around: list[str] = []
        place = 0
        whole = _whole(text)
        for tag in _TAG.finditer(text):
            if tag.start() < place or not (tag[1] in tools or tag.start() == whole):
                continue
            end = _closing(text, tag)
            around.append(text[place : tag.start()])
            calls.append(ToolCall(tag[1], _arguments(text[tag.end() : end], tools.get(tag[1]))))
            place = end + len(tag[0]) + 1
            if len(calls) > MAX_CALLS:
                raise FormatFault(f"There are more than {MAX_CALLS} calls. Make fewer.")
        around.append(text[place:])
        return Message(tuple(calls), _unescape("".join(around).strip()))

    def write(self, message: Message, tools: Toolbox) -> str:
        """Write a message."""
        blocks = [_write(call, tools.get(call.name)) for call in message.calls]
        return "\n".join(filter(None, [_escape(message.text), *blocks]))

    def answer(self, results: Sequence[ToolResult]) -> str:
        """Write what came of calls."""
        return "\n".join(f"<result>{result.output}</result>" for result in results)

    def manual(self) -> str:
        """Tell an agent how to write a call."""
        return (
            "To call a tool, write its name as a tag and one tag for each argument, as in "
            "<tool><argument>value</argument></tool>; the only argument may stand without its tag. "
            "Text without such a tag is a reply."
        )


def _whole(text: str) -> int:
    """Return the place of a tag that spans the whole text, or -1.

    Such a tag was meant for a tool, though there may be none of its name.
    """
    start = len(text) - len(text.lstrip())
    tag = _TAG.match(text, start)
    return start if tag and text.rstrip().endswith(f"</{tag[1]}>") else -1


def _closing(text: str, tag: re.Match[str]) -> int:
    end = text.find(f"</{tag[1]}>", tag.end())
    if end < 0:
        raise FormatFault(f"<{quoted(tag[1])[1:-1]}> is not closed.")
    return end


def _arguments(body: str, chosen: Tool | None) -> dict[str, Any]:
    if chosen is None:
        return {}
    first = _TAG.match(body.lstrip())
    properties = chosen.schema.parameters.get("properties", {})
    if first and first[1] in properties:
        return _children(body, properties)
    name = _sole(chosen)
    if name is None:
        if not body.strip():
            return {}
        names = ", ".join(chosen.schema.names) or "it has none"
        raise FormatFault(f"<{chosen.name}> needs a tag for each argument: {names}.")
    return {name: _value(body, properties[name])}


def _children(body: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    place = 0
    while (tag := _TAG.search(body, place)) is not None:
        end = _closing(body, tag)
        if tag[1] in found or body[place : tag.start()].strip():
            raise FormatFault(f"<{quoted(tag[1])[1:-1]}> stands twice, or among loose text.")
        found[tag[1]] = _value(body[tag.end() : end], properties.get(tag[1], {}))
        place = end + len(tag[0]) + 1
    if body[place:].strip():
        raise FormatFault(f"There is loose text among the arguments: {quoted(body[place:].strip())}.")
    return found


def _sole(chosen: Tool) -> str | None:
    """Name the parameter whose tag may be left out."""
    required, names = chosen.schema.parameters.get("required", []), chosen.schema.names
    if len(required) == 1:
        return str(required[0])
    return names[0] if len(names) == 1 else None


def _value(body: str, schema: Mapping[str, Any]) -> Any:
    text = _unescape(body.strip())
    if schema.get("type") == "string":
        return text
    try:
        return decode(text)[0]
    except FormatFault:
        return text  # the schema says what should have stood here


def _write(call: ToolCall, chosen: Tool | None) -> str:
    properties = chosen.schema.parameters.get("properties", {}) if chosen else {}
    if chosen and tuple(call.arguments) == (_sole(chosen),):
        (name,) = call.arguments
        body = _text(call.arguments[name], properties[name])
    else:
        body = "".join(
            f"<{name}>{_text(value, properties.get(name, {}))}</{name}>"
            for name, value in call.arguments.items()
        )
    return f"<{call.name}>{body}</{call.name}>"


def _text(value: Any, schema: Mapping[str, Any]) -> str:
    if schema.get("type") == "string" and isinstance(value, str):
        return _escape(value)
    return _escape(json.dumps(value, ensure_ascii=False))


def _escape(text: str) -> str:
    """Hide markup, and white space at the ends, which `parse` strips."""
    body = text.strip()
    start = text.find(body) if body else len(text)
    hidden = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _numbered(text[:start]) + hidden + _numbered(text[start + len(body) :])


def _numbered(text: str) -> str:
    return "".join(f"&#{ord(character)};" for character in text)


def _unescape(text: str) -> str:
    return _REFERENCE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    if found[1] in _NAMES:
        return _NAMES[found[1]]
    number = int(found[1][1:])
    return chr(number) if number <= 0x10FFFF else found[0]
