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


def test_numbered_tasks__begin_where_they_are_told_to() -> None:
    tasks = NumberedTasks({"a": 3, "b": 3}, in_turn=True, first=5)
    assert list(tasks) == ["a/5", "b/5", "a/6", "b/6", "a/7", "b/7"] == list(tasks[:])
    assert all(task in tasks for task in tasks)
    assert not any(task in tasks for task in ("a/4", "a/8", "c/5", "a/05", "a/٥", "a/", "a", 5))
    assert list(NumberedTasks({"a": 2, "b": 1}, first=5)) == ["a/5", "a/6", "b/5"]
