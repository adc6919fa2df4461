from __future__ import annotations

from typing import Any, Literal, Optional, TypedDict, Union

import pytest

from agentgym.errors import ArgumentError
from envs.tooluse.core import ArgumentSchema, Tool, ToolCall, derive_schema, run_call, text_of, tool, toolbox


class Place(TypedDict):
    """A place.

    Attributes:
        city: Its city.
        floor: Its floor.
    """

    city: str
    floor: int


def send(
    place: Place,
    names: list[str],
    how: Literal["air", "sea"],
    weights: dict[str, float],
    note: str | None = None,
    times: int = 1,
    fragile: bool = False,
    anything: Any = None,
    either: Optional[Union[int, list[int]]] = None,  # noqa: UP007, UP045 - the old spelling is to work, too
) -> str:
    """Send things. Far away,
    if need be.

    Args:
        place: Where to.
        names: What, in
            two lines.
        how: How.
        weights (dict): How heavy.

    Returns:
        Nothing of use.
    """
    return "sent"


SCHEMA = {
    "type": "object",
    "properties": {
        "place": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Its city."},
                "floor": {"type": "integer", "description": "Its floor."},
            },
            "required": ["city", "floor"],
            "additionalProperties": False,
            "description": "Where to.",
        },
        "names": {"type": "array", "items": {"type": "string"}, "description": "What, in two lines."},
        "how": {"type": "string", "enum": ["air", "sea"], "description": "How."},
        "weights": {
            "type": "object",
            "additionalProperties": {"type": "number"},
            "description": "How heavy.",
        },
        "note": {"type": ["string", "null"]},
        "times": {"type": "integer", "default": 1},
        "fragile": {"type": "boolean", "default": False},
        "anything": {},
        "either": {
            "anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}, {"type": "null"}]
        },
    },
    "required": ["place", "names", "how", "weights"],
}
GOOD: dict[str, Any] = {
    "place": {"city": "x", "floor": 1},
    "names": ["a"],
    "how": "air",
    "weights": {"a": 1.5},
}


def test_derive_schema__reads_types_and_docstring() -> None:
    assert derive_schema(send) == ("Send things. Far away, if need be.", SCHEMA)


def test_derive_schema__refuses_what_has_no_schema() -> None:
    def untyped(x) -> None:  # type: ignore[no-untyped-def]
        """Do it."""

    def odd(x: complex) -> None:
        """Do it."""

    def many(*x: int) -> None:
        """Do it."""

    for function in (untyped, odd, many):
        with pytest.raises(ArgumentError, match="`x` of the tool"):
            derive_schema(function)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"place": {"city": "x"}}, "Argument 'place' lacks 'floor'."),
        ({"place": {"city": "x", "floor": 1, "door": 2}}, "Argument 'place' holds 'door', unknown here."),
        ({"names": ["a", 7]}, "Argument 'names.1' must be of type string, but is 7."),
        ({"how": "land"}, 'must be one of "air", "sea"'),
        ({"weights": {"a": "heavy"}}, "must be of type number"),
        ({"times": True}, "must be of type integer"),
        ({"note": 1}, "must be of type string or null"),
        ({"either": "x"}, "Argument 'either' cannot be used"),
        ({"colour": "x" * 10_000}, "The arguments hold 'colour', unknown here. The parameters are: place,"),
    ],
)
def test_argument_schema__says_what_is_wrong(change: dict[str, Any], said: str) -> None:
    fault = tool(send).schema.fault({**GOOD, **change})
    assert said in fault
    assert len(fault) < 400


def test_argument_schema__accepts_what_fits() -> None:
    optional: dict[str, Any] = {"note": None, "times": 2, "fragile": True, "anything": [{}], "either": [1]}
    for arguments in (GOOD, {**GOOD, **optional}):
        assert tool(send).schema.fault(arguments) == ""


def test_argument_schema__never_fetches_what_a_schema_refers_to() -> None:
    away = ArgumentSchema({"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:9/schema"}}})
    stranger = Tool("stranger", "Stranger.", away, lambda x: x)
    result = run_call(toolbox([stranger]), ToolCall("stranger", {"x": 1}))
    assert not result.ran and "schema" in result.output


def test_argument_schema__does_not_match_a_strangers_regular_expressions() -> None:
    endless = "(a+)+$"
    schema = ArgumentSchema(
        {
            "properties": {
                "pattern": {"type": "string", "pattern": endless},
                "more": {"type": "object", "patternProperties": {endless: {}}, "additionalProperties": False},
            },
            "required": ["pattern"],
        }
    )
    hostile = "a" * 60 + "!"
    assert schema.fault({"pattern": hostile, "more": {hostile: 1}}) == ""
    assert "pattern" in schema.fault({"pattern": 5})
    assert "surplus" in schema.fault({"pattern": "a", "surplus": 1})


def test_tool__openai_record_makes_it_again() -> None:
    record = tool(send).openai()
    assert record["function"]["name"] == "send"
    assert Tool.from_openai(record, send).openai() == record


def test_toolbox__refuses_two_of_one_name() -> None:
    with pytest.raises(ArgumentError, match="two tools named 'send'"):
        toolbox([tool(send), tool(send)])


def test_text_of__writes_what_tools_return() -> None:
    values = ["x", {"a": [1]}, [1, "b"], None, 1.5, {"a": object}]
    assert [text_of(v) for v in values[:5]] == ["x", '{"a": [1]}', '[1, "b"]', "None", "1.5"]
    assert text_of(values[5]).startswith("{'a': <class")
