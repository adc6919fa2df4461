"""`McpTask`: what is to be done on a server, how it is judged, and how an expert does it; read from files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentgym.errors import DataError
from envs.tooluse.core import ToolCall

__all__ = ["McpTask", "read_task", "read_tasks"]


@dataclass(frozen=True, slots=True)
class McpTask:
    """A task.

    Attributes:
        id: Its name.
        instruction: What to do, in words.
        setup: Calls that bring the server into the state that the task starts from.
        calls: The calls of an expert.
        reply: The reply of an expert, which ends the episode.
        state: What the server's state must be in the end; None: it does not matter.
        outputs: Texts that the last reply must hold, whatever their case.
        split: The split that it belongs to; "" for that of the environment.
    """

    id: str
    instruction: str
    setup: tuple[ToolCall, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    reply: str = "Done."
    state: Any = None
    outputs: tuple[str, ...] = ()
    split: str = ""


def read_tasks(source: str | Path | Sequence[Mapping[str, Any]]) -> list[McpTask]:
    """Read tasks from a file of JSON lines, or from records.

    A record has "id", "instruction" and, as they are needed, "setup" and "calls" (lists of `{"name",
    "arguments"}`), "reply", "state", "outputs" (a list of texts) and "split".

    Raises:
        DataError: A record is no task. The message names file and line, task and field.
    """
    records = _lines(Path(source)) if isinstance(source, str | Path) else _numbered(source)
    tasks = [read_task(record, where) for where, record in records]
    if not tasks:
        raise DataError(f"{source} holds no task.")
    twice = {task.id for task in tasks if sum(other.id == task.id for other in tasks) > 1}
    if twice:
        raise DataError(f"Two tasks are called {min(twice)!r}. Give each an id of its own.")
    return tasks


def read_task(record: Any, where: str) -> McpTask:
    """Read one record.

    Args:
        record: The JSON value.
        where: What it is called in messages.

    Raises:
        DataError: It is no task.
    """
    if not isinstance(record, Mapping):
        raise DataError(f"{where} is no JSON object. A task has at least an id and an instruction.")
    name, instruction = (_text(record, field, where) for field in ("id", "instruction"))
    where = f"{where}, task {name!r}"
    return McpTask(
        name,
        instruction,
        setup=_calls(record, "setup", where),
        calls=_calls(record, "calls", where),
        reply=_text(record, "reply", where, "Done."),
        state=record.get("state"),
        outputs=_outputs(record, where),
        split=_text(record, "split", where, "-").removeprefix("-"),
    )


def _numbered(records: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Any]]:
    """Name records by their place."""
    return ((f"Task {number}", record) for number, record in enumerate(records, 1))


def _lines(path: Path) -> Iterable[tuple[str, Any]]:
    try:
        lines = path.expanduser().read_text("utf-8").split("\n")  # JSON may hold what splitlines() splits at
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The tasks {path} cannot be read: {error}. Pass a file of JSON lines.") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield f"{path}, line {number}", json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"{path}, line {number} is no JSON: {error}.") from error


def _text(record: Mapping[str, Any], field: str, where: str, default: str = "") -> str:
    value = record.get(field, default)
    if not isinstance(value, str) or not value:
        raise DataError(f"{where}: {field!r} is {value!r:.80}. It must be a text.")
    return value


def _outputs(record: Mapping[str, Any], where: str) -> tuple[str, ...]:
    outputs = record.get("outputs", [])
    if not isinstance(outputs, list) or not all(isinstance(output, str) for output in outputs):
        raise DataError(f"{where}: 'outputs' is {outputs!r:.80}. It must be a list of texts.")
    return tuple(outputs)


def _calls(record: Mapping[str, Any], field: str, where: str) -> tuple[ToolCall, ...]:
    calls = record.get(field, [])
    if not isinstance(calls, list):
        raise DataError(f"{where}: {field!r} is {calls!r:.80}. It must be a list of calls.")
    for call in calls:
        sound = isinstance(call, dict) and isinstance(call.get("name"), str)
        if not sound or not isinstance(call.get("arguments", {}), dict):
            raise DataError(f"{where}: {field!r} holds {call!r:.80}. A call is {{'name', 'arguments'}}.")
    return tuple(ToolCall(call["name"], call.get("arguments", {})) for call in calls)
