"""The grammar: what the original's regular expression matches, in linear time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.webshop.grammar import LONGEST, parse

_ORIGINAL = re.compile(r"(.+)\[(.+)\]")


@pytest.mark.parametrize(
    ("action", "verb", "argument"),
    [
        ("search[Red Shoes]", "search", "red shoes"),
        ("search[a]b", "search", "a"),
        ("search[red] shoes]", "search", "red] shoes"),
        ("click[< Prev]", "click", "< prev"),
        ("search[[x]]", "search[", "x]"),
        (" search[x]", " search", "x"),
        ("search[x]\n", "search", "x"),
    ],
)
def test_parse__takes_an_action_apart(action: str, verb: str, argument: str) -> None:
    assert parse(action) == (verb, argument)


@pytest.mark.parametrize(
    "action", ["", "search", "search[]", "[x]", "search[x", "]x[", "a\nsearch[x]", "search[x\0]"]
)
def test_parse__refuses_what_is_no_action(action: str) -> None:
    assert parse(action) is None


@given(st.text(alphabet="ab[] ", max_size=12))
def test_parse__agrees_with_the_regular_expression(action: str) -> None:
    match = _ORIGINAL.match(action)
    assert parse(action) == (None if match is None else (match[1], match[2].lower()))


def test_parse__takes_no_longer_for_brackets() -> None:
    half = LONGEST // 2
    assert parse("[" * LONGEST) is None  # the regular expression takes minutes for this
    assert parse("[" * half + "]" * half) == ("[" * (half - 1), "]" * (half - 1))
    assert parse("search[" + "x" * LONGEST + "]") is None
