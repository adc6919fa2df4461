from __future__ import annotations

import pytest

from agentgym.errors import DataError
from envs.tooluse.core import Change, ToolCall, changes, run_call
from tests.envs.tooluse.core.counter import Counter


def test_service__its_tools_are_those_of_its_class_bound_to_it() -> None:
    one, other = Counter(), Counter()
    assert list(one.tools) == ["add", "show", "stop"]
    run_call(one.tools, ToolCall("add", {"amount": 2}))
    assert (one.value, other.value) == (2, 0)
    assert one.add(amount=3) == 5


def test_service__saves_loads_and_compares() -> None:
    service = Counter()
    before = service.save()
    service.add(amount=2)
    assert service.changes_since(before) == (Change((), 0, 2),)
    service.load(before)
    assert service.changes_since(before) == ()
    with pytest.raises(DataError):
        service.load("many")


def test_changes__names_the_smallest_parts_that_differ() -> None:
    before = {"a": [1, {"b": 2}], "c": 1, "d": 0, "e": [1]}
    after = {"a": [1, {"b": 3}], "c": 1.0, "f": None, "e": [1, 2]}  # "f": null is not the same as no "f"
    found = {change.path: (change.before, change.after) for change in changes(before, after)}
    assert found == {
        ("a", 1, "b"): (2, 3),
        ("c",): (1, 1.0),
        ("d",): (0, None),
        ("e",): ([1], [1, 2]),
        ("f",): (None, None),
    }


def test_run_call__a_failure_is_worded_as_asked() -> None:
    result = run_call(Counter().tools, ToolCall("add", {"amount": 100}), failure="Oh no: {error}")
    assert (result.output, result.ran, result.failed) == ("Oh no: too large", True, True)
