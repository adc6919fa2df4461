"""The check of calls against accepted values."""

from __future__ import annotations

from typing import Any

import pytest

from envs.tooluse.core.call import ToolCall
from envs.tooluse.functions.answers import call_fault, calls_fault, normalised
from envs.tooluse.functions.document import Document, document_from_json


def _document(name: str = "f", required: tuple[str, ...] = (), **kinds: Any) -> Document:
    properties = {each: kind if isinstance(kind, dict) else {"type": kind} for each, kind in kinds.items()}
    parameters = {"type": "dict", "properties": properties, "required": list(required)}
    return document_from_json({"name": name, "description": "x", "parameters": parameters})


def _right(kind: Any, value: Any, accepted: list[Any]) -> bool:
    return not call_fault(ToolCall("f", {"x": value}), _document(x=kind), {"x": accepted})


@pytest.mark.parametrize(
    ("kind", "value", "accepted", "right"),
    [
        ("integer", 5, [5], True),
        ("integer", 5.0, [5], False),
        ("integer", True, [1], False),
        ("float", 5, [5.0], True),
        ("float", 5.5, [5, 5.5], True),
        ("string", "New York, NY", ["new york ny"], True),
        ("string", "it's", ['It"s'], True),
        ("string", "York", ["New York"], False),
        ("boolean", True, [True], True),
        ("boolean", "true", [True], False),
        ("integer", "count", ["count"], True),  # a variable's name, which the answer allows
        ({"type": "array", "items": {"type": "string"}}, ["A b"], [["ab"], ["c"]], True),
        ({"type": "array", "items": {"type": "string"}}, ["b", "a"], [["a", "b"]], False),
        ({"type": "array", "items": {"type": "integer"}}, [1, 2], [[1, 2]], True),
        ({"type": "array", "items": {"type": "integer"}}, [1.0, 2.0], [[1, 2]], False),
        ({"type": "tuple", "items": {"type": "integer"}}, [1, 2], [[1, 2]], True),
        ("dict", {"a": "X", "b": 1}, [{"a": ["x"], "b": [1, 2]}], True),
        ("dict", {"a": "X"}, [{"a": ["x"], "b": [1, ""]}], True),
        ("dict", {"a": "X"}, [{"a": ["x"], "b": [1]}], False),
        ("dict", {"a": "X", "c": 1}, [{"a": ["x"]}], False),
        ({"type": "array", "items": {"type": "dict"}}, [{"a": 1}], [[{"a": [1]}]], True),
        ({"type": "array", "items": {"type": "dict"}}, [{"a": 1}, {"a": 1}], [[{"a": [1]}]], False),
    ],
)
def test_value__of_each_kind(kind: Any, value: Any, accepted: list[Any], right: bool) -> None:
    assert _right(kind, value, accepted) is right


def test_argument__may_be_left_out_only_where_the_answer_says_so() -> None:
    document = _document(x="integer", y="integer")
    assert call_fault(ToolCall("f", {"x": 1}), document, {"x": [1], "y": [2, ""]}) == ""
    assert "y is missing" in call_fault(ToolCall("f", {"x": 1}), document, {"x": [1], "y": [2]})
    assert "z was not expected" in call_fault(ToolCall("f", {"x": 1, "z": 1}), document, {"x": [1]})
    needs = _document(required=("x",), x="integer")
    assert "x is missing" in call_fault(ToolCall("f", {}), needs, {"x": [1, ""]})


def test_calls__are_matched_in_any_order_and_number() -> None:
    documents = {"f": _document(x="integer"), "g": _document("g", x="integer")}
    answers = [{"f": {"x": [1]}}, {"g": {"x": [2]}}]
    f, g = ToolCall("f", {"x": 1}), ToolCall("g", {"x": 2})
    assert calls_fault([g, f], answers, documents) == ""
    assert "2 were expected" in calls_fault([f], answers, documents)
    assert "f was called, g was expected" in calls_fault([f, f], answers, documents)
    assert "no call is the expected one of f" in calls_fault([g, g], answers, documents)
    assert "h was called" in calls_fault([ToolCall("h", {})], answers[:1], documents)


def test_normalised__leaves_out_spaces_and_some_signs() -> None:
    assert normalised("April 1, 2024: it's_a*b^c/d-e.") == 'april12024:it"sabcde'
