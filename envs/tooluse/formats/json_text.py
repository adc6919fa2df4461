"""JSON from an agent: strict, bounded, and mended only on request."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from agentgym.errors import require
from envs.tooluse.core.call import ToolCall, quoted
from envs.tooluse.formats.message import MAX_CALLS, FormatFault

__all__ = ["calls_of", "decode", "decode_prefix", "encode"]

_MENDABLE = 20_000
_MENDABLE_BRACKETS = 200  # the mender's time grows with the square of the open ones, and worse
_BROKEN = (ValueError, RecursionError)


def encode(value: Any) -> str:
    """Write JSON that holds no "<" or ">", so that no tag around it can be closed from within."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def decode(text: str, *, repair: bool = False) -> tuple[Any, bool]:
    """Read one JSON value.

    Args:
        text: The JSON. Repeated keys, NaN and numbers out of range are faults.
        repair: Whether it may be mended (quotes, braces, commas, fences) where it is broken.

    Returns:
        The value, and whether it was mended.

    Raises:
        FormatFault: It cannot be read.
    """
    try:
        return _STRICT.decode(text.strip()), False
    except _BROKEN as error:
        if not repair:
            raise _fault(error, text) from None
    return _mend(text), True


def decode_prefix(text: str, start: int) -> tuple[Any, int]:
    """Read the JSON value at `start`, strictly, and return it with the place behind it.

    Raises:
        FormatFault: It cannot be read.
    """
    try:
        return _STRICT.raw_decode(text, start)
    except _BROKEN as error:
        raise _fault(error, text[start : start + 200]) from None


def calls_of(value: Any, *, repair: bool = False) -> tuple[tuple[ToolCall, ...], bool]:
    """Turn a decoded call, or a list of them, into calls.

    Args:
        value: `{"name", "arguments"}`, or OpenAI's `{"function": {"name", "arguments"}}`, or a list.
            "parameters" stands for "arguments" too; arguments may be JSON text.
        repair: Whether the JSON text of arguments may be mended.

    Returns:
        The calls, and whether any was mended.

    Raises:
        FormatFault: It is no call.
    """
    items = value if isinstance(value, list) else [value]
    if not 1 <= len(items) <= MAX_CALLS:
        raise FormatFault(f"There are {len(items)} calls. Make at least 1 and at most {MAX_CALLS}.")
    read = [_call(item, repair) for item in items]
    return tuple(call for call, _ in read), any(mended for _, mended in read)


def _call(item: Any, repair: bool) -> tuple[ToolCall, bool]:
    inner = item.get("function", item) if isinstance(item, dict) else item
    if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
        raise FormatFault(f'A call is an object with "name" and "arguments"; this is none: {quoted(item)}.')
    arguments = inner.get("arguments", inner.get("parameters", {}))
    mended = False
    if isinstance(arguments, str):
        arguments, mended = decode(arguments, repair=repair) if arguments.strip() else ({}, False)
    if not isinstance(arguments, dict):
        raise FormatFault(f'"arguments" is an object, not {quoted(arguments)}.')
    return ToolCall(inner["name"], arguments), mended


def _mend(text: str) -> Any:
    mender = require("json_repair", extra="tooluse", who="repair=True")
    if len(text) > _MENDABLE or text.count("{") + text.count("[") > _MENDABLE_BRACKETS:
        raise FormatFault("The JSON is broken, and too long or too nested to mend.")
    try:
        return decode(json.dumps(mender.loads(text)))[0]  # what was mended must be strict JSON, too
    except Exception as error:  # a mender may raise anything
        raise _fault(error, text) from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise FormatFault(f"The key {quoted(twice)} stands twice in one object.")
    return made


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise FormatFault(f"The number {quoted(digits)} is out of range.")
    return number


def _constant(name: str) -> Any:
    raise FormatFault(f"{name} is no JSON.")


def _fault(error: Exception, text: str) -> FormatFault:
    if isinstance(error, FormatFault):
        return error
    if isinstance(error, json.JSONDecodeError):
        return FormatFault(f"The JSON is broken ({error.msg} at character {error.pos}): {quoted(text)}.")
    why = "too deeply nested" if isinstance(error, RecursionError) else "broken"
    return FormatFault(f"The JSON is {why}: {quoted(text)}.")


_STRICT = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_number, parse_constant=_constant)
