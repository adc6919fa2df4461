from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentgym.errors import ArgumentError, UnknownNameError
from envs.tooluse.core import ArgumentSchema, Tool, ToolCall, toolbox
from envs.tooluse.formats import FORMATS, ActionFormat, FormatFault, Message, format_named
from envs.tooluse.formats.message import MAX_CALLS

ANY = {"type": ["string", "number", "boolean", "null", "array", "object"]}
SCHEMAS: dict[str, dict[str, object]] = {
    "search": {"query": {"type": "string"}},
    "refund": {"order": {"type": "string"}, "lines": {"type": "array"}, "rest": ANY},
    "today": {},
}
TOOLS = toolbox(
    Tool(
        name,
        f"{name}.",
        ArgumentSchema({"type": "object", "properties": properties, "required": list(properties)}),
        dict,
    )
    for name, properties in SCHEMAS.items()
)

texts = st.text(st.characters(codec="utf-8"), max_size=30)
numbers = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
calls = st.one_of(
    st.builds(lambda query: ToolCall("search", {"query": query}), texts),
    st.builds(
        lambda order, lines, rest: ToolCall("refund", {"order": order, "lines": lines, "rest": rest}),
        texts,
        st.lists(values, max_size=3),
        values,
    ),
    st.just(ToolCall("today")),
)
markup = st.sampled_from(["<search>", "</search>", "Action:", "[f(x=1)]", "&lt;", "{", "[", "respond(", " "])
replies = st.lists(texts | markup, min_size=1, max_size=4).map("".join)


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
@given(written=st.lists(calls, min_size=1, max_size=3).map(tuple))
def test_formats__calls_come_back_as_they_were_written(
    form: ActionFormat, written: tuple[ToolCall, ...]
) -> None:
    message = Message(written)
    read = form.parse(form.write(message, TOOLS), TOOLS)
    assert read == message
    assert json.dumps([c.to_record() for c in read.calls]) == json.dumps([c.to_record() for c in written])


@pytest.mark.parametrize("name", ["openai", "react", "xml-tags", "pycall"])
@given(text=replies)
def test_formats__any_reply_comes_back_as_it_was_written(name: str, text: str) -> None:
    form = FORMATS[name]
    assert form.parse(form.write(Message(text=text), TOOLS), TOOLS) == Message(text=text)


@given(text=replies.map(str.strip))
def test_hermes__a_reply_without_its_tags_comes_back(text: str) -> None:
    assert FORMATS["hermes"].parse(text, TOOLS) == Message(text=text)


def test_hermes__refuses_to_write_its_own_tags() -> None:
    with pytest.raises(ArgumentError, match="cannot hold"):
        FORMATS["hermes"].write(Message(text="say <tool_call>"), TOOLS)


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
@given(
    text=st.lists(texts | markup | st.sampled_from(["<tool_call>", "{}", '{"name":', "(", "]"])).map("".join)
)
def test_formats__whatever_is_said_is_read_or_refused(form: ActionFormat, text: str) -> None:
    for repair in (False, True):
        try:
            message = form.parse(text, TOOLS, repair=repair)
        except FormatFault as fault:
            assert str(fault)
        else:
            assert isinstance(message, Message)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hermes", '<tool_call>{"name": "today", "arguments": {}}'),
        ("hermes", "</tool_call>"),
        ("hermes", '<tool_call>["today"]</tool_call>'),
        ("hermes", '<tool_call>{"name": "today", "arguments": 7}</tool_call>'),
        ("hermes", '<tool_call>{"name": "today"}</tool_call>' * (MAX_CALLS + 1)),
        ("openai", '{"tool_calls": [{"function": {"name": "today", "arguments": "{"}}]}'),
        ("openai", '[{"name": "today"}'),
        ("openai", '{"content": 7}'),
        ("react", 'Action: {"name": "today", "arguments": {'),
        ("react", 'Action: {"name": "respond", "arguments": {"text": "x"}}'),
        ("xml-tags", "<search>x"),
        ("xml-tags", "<refund>x</refund>"),
        ("xml-tags", "<refund><order>1</order> and <order>2</order></refund>"),
        ("pycall", "[today(]"),
        ("pycall", "today(**{})"),
        ("pycall", "today(today())"),
        ("pycall", "search(query=x)"),
        ("pycall", "search(query='a', query='b')"),
        ("pycall", "search('a', 'b')"),
        ("pycall", "search('a', query='b')"),
        ("pycall", "search(query=1e999)"),
        ("pycall", "search(query=" + "-" * 90_000 + "1)"),
        ("pycall", "search(query=" + "not " * 20_000 + "1)"),
        ("pycall", "search(query=" + "1+" * 40_000 + "1)"),
        ("pycall", "search(query=" + "[" * 50_000 + "]" * 50_000 + ")"),
        ("pycall", "search" + ".x" * 40_000 + "()"),
    ],
)
def test_formats__refuse_what_is_broken(name: str, text: str) -> None:
    with pytest.raises(FormatFault) as fault:
        FORMATS[name].parse(text, TOOLS)
    assert len(str(fault.value)) < 600


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "hermes",
            'Wait. <tool_call>{"name": "search", "parameters": {"query": "</tool_call>"}}</tool_call>',
            1,
        ),
        ("openai", '{"name": "search", "arguments": "{\\"query\\": \\"x\\"}"}', 1),
        ("openai", '[{"name": "today"}, {"name": "today", "arguments": ""}]', 2),
        ("openai", '{"role": "assistant", "content": "Hello."}', 0),
        ("react", 'Thought: Action: is next.\nAction: {"name": "today", "arguments": {}}', 1),
        ("react", "Thought: easy.\nAction: Hello.", 0),
        ("xml-tags", "I look. <search>AT&T < 3</search>", 1),
        ("xml-tags", "I <3 you.", 0),
        ("xml-tags", "<seek>x</seek>", 1),
        ("pycall", "search('x')", 1),
        ("pycall", '[search(query="\\d"), today()]', 2),
        ("pycall", "Hello (again).", 0),
    ],
)
def test_formats__read_what_models_write(name: str, text: str, expected: int) -> None:
    assert len(FORMATS[name].parse(text, TOOLS).calls) == expected


def test_json_repair__mends_what_strict_reading_refuses() -> None:
    for name, text in (
        ("hermes", "<tool_call>{'name': 'search', 'arguments': {'query': 'x',}}"),
        ("openai", '{"name": "search", "arguments": {"query": "x"}'),
        ("react", 'Action: {"name": "search", "arguments": {"query": "x"}'),
    ):
        assert FORMATS[name].parse(text, TOOLS, repair=True) == Message(
            (ToolCall("search", {"query": "x"}),), repaired=True
        )


@pytest.mark.parametrize("broken", ["[" + "{" * 99_000, '["' * 50_000, '{"a":' * 15_000, "{" + "," * 99_000])
def test_json_repair__gives_up_on_what_would_take_long(broken: str) -> None:
    with pytest.raises(FormatFault, match="too long or too nested to mend"):
        FORMATS["openai"].parse(broken, TOOLS, repair=True)


def test_format_named__suggests() -> None:
    with pytest.raises(UnknownNameError, match="pycall"):
        format_named("pycal")
