"""Where the tasks of a server come from: the stockroom's generator, or the user."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from agentgym.errors import DataError, suggest
from envs.tooluse.mcp.stockroom import KINDS, SPLITS, numbered, stockroom_task
from envs.tooluse.mcp.task import McpTask, read_tasks

__all__ = ["GivenTasks", "StockroomTasks", "TaskSource"]


class TaskSource(Protocol):
    """Tasks by id."""

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""

    def task(self, task: str) -> McpTask:
        """The task of an id."""


class StockroomTasks:
    """The generated tasks of the stockroom."""

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        if split not in SPLITS:
            raise suggest("split", split, SPLITS)
        return numbered(split)

    def task(self, task: str) -> McpTask:
        """Make the task of an id."""
        return stockroom_task(task)

    @staticmethod
    def kind_of(task: str) -> str:
        """Name the kind of a task by its id."""
        kind = task.split("/")[1] if task.count("/") == 2 else ""
        return kind if kind in KINDS else ""


class GivenTasks:
    """The user's tasks.

    Args:
        source: A file of JSON lines, or records; see `read_tasks`.
        split: The split of tasks that name none.
        judged: Whether the tasks themselves must say what is right.

    Raises:
        DataError: A record is no task, or nothing tells whether it is done.
    """

    def __init__(self, source: str | Path | Sequence[Any], split: str, *, judged: bool) -> None:
        self._tasks = {task.id: task for task in read_tasks(source)}
        self._splits: dict[str, tuple[str, ...]] = dict.fromkeys(SPLITS, ())
        for task in self._tasks.values():
            if judged and task.state is None and not task.outputs:
                raise DataError(
                    f"Nothing tells whether task {task.id!r} is done. "
                    "Give it a 'state' or 'outputs', or pass check=."
                )
            name = task.split or split
            if name not in self._splits:
                raise suggest(f"split of task {task.id!r}", name, SPLITS)
            self._splits[name] += (task.id,)

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        if split not in self._splits:
            raise suggest("split", split, self._splits)
        return self._splits[split]

    def task(self, task: str) -> McpTask:
        """Return the task of an id."""
        return self._tasks[task]
