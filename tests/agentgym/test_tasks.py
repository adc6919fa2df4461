"""Lists of task ids that are computed."""

from __future__ import annotations

import pytest

from agentgym.errors import ArgumentError
from agentgym.tasks import NumberedTasks


def test_numbered_tasks__is_a_sequence() -> None:
    tasks = NumberedTasks({"a": 2, "b/c": 3})
    listed = ["a/0", "a/1", "b/c/0", "b/c/1", "b/c/2"]
    assert list(tasks) == listed == [tasks[i] for i in range(5)]
    assert tasks[-1] == "b/c/2" and tasks[1:4] == tuple(listed[1:4])
    assert all(task in tasks for task in listed)
    assert not any(task in tasks for task in ("a/2", "a/00", "a/-1", "a/", "c/0", "", "a/²", 7, None))
    with pytest.raises(IndexError):
        tasks[5]


def test_numbered_tasks__may_take_turns() -> None:
    tasks = NumberedTasks({"a": 2, "b": 2}, in_turn=True)
    assert list(tasks) == ["a/0", "b/0", "a/1", "b/1"]
    assert tasks[-1] == "b/1" and all(task in tasks for task in tasks)
    with pytest.raises(ArgumentError, match="take turns"):
        NumberedTasks({"a": 2, "b": 3}, in_turn=True)
