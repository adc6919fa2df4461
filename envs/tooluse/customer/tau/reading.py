"""Reading of benchmark files: whatever is wrong with one is said by file, task and field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from agentgym.errors import DataError
from envs.tooluse.core import ToolCall

__all__ = ["calls_in", "field_of", "read_json", "texts_in"]

_Kind = TypeVar("_Kind")


def read_json(path: Path, kind: type[_Kind]) -> _Kind:
    """Read a JSON file whose outermost value has a type.

    Raises:
        DataError: There is no such file, or it holds something else.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror}. Pass data=<folder of the domain>."
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is no JSON: {error}. Download it again.") from error
    if not isinstance(value, kind):
        raise DataError(f"{path} holds a {type(value).__name__}, not a {kind.__name__}.")
    return value


def field_of(record: Any, name: str, kind: type[_Kind], where: str, default: _Kind | None = None) -> _Kind:
    """Return a field of a record.

    Args:
        record: The record; null counts as empty.
        name: The field.
        kind: Its type.
        where: File and task, for the message.
        default: What a field that is absent or null stands for; None: it must be there.

    Raises:
        DataError: It is absent, or has another type.
    """
    value = record.get(name) if isinstance(record, Mapping) else None
    if value is None and default is not None:
        return default
    if not isinstance(value, kind):
        found = "is missing" if value is None else f"is a {type(value).__name__}"
        raise DataError(f"{where}: the field {name!r} {found}. It must be a {kind.__name__}.")
    return value


def texts_in(record: Any, name: str, where: str) -> tuple[str, ...]:
    """Return a field that is a list of texts; none where it is absent."""
    texts = field_of(record, name, list, where, default=[])
    if not all(isinstance(text, str) for text in texts):
        raise DataError(f"{where}: the field {name!r} holds what is no text.")
    return tuple(texts)


def calls_in(record: Any, name: str, where: str, arguments: str) -> tuple[ToolCall, ...]:
    """Return a field that is a list of calls, whose arguments stand under the key `arguments`."""
    calls = []
    for number, item in enumerate(field_of(record, name, list, where, default=[])):
        place = f"{where}, {name} {number}"
        calls.append(
            ToolCall(field_of(item, "name", str, place), field_of(item, arguments, dict, place, default={}))
        )
    return tuple(calls)
