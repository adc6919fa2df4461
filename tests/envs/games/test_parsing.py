"""From what a player says to an action."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.games.parsing import match_action
from envs.games.protocol import IllegalMoveError

LEGAL = ("x(0,0)", "x(1,2)", "pass", "Play card 1")


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("x(1,2)", "x(1,2)"),
        (" X( 1,2 )\n", "x(1,2)"),
        ("<X(1,2)>", "x(1,2)"),
        ("<PASS>", "pass"),
        ("[pass]", "pass"),
        ("I think about [x(0,0)], but no: [pass] it is.", "pass"),
        ("thinking <answer>x(0,0)</answer>, no: <answer> pass </answer> done", "pass"),
        (r"so \boxed{x(1,2)}.", "x(1,2)"),
        ("<answer>pass</answer> rather than [x(0,0)]", "pass"),
        ("playcard1", "Play card 1"),
    ],
)
def test_match_action__finds_the_answer(text: str, action: str) -> None:
    assert match_action(text, LEGAL) == action


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x(2,2)", "pass pass", "I pass", "pass\x00", "\x00pass", "p\u200bass", "pass\ud800",
        "<answer>x(2,2)</answer> pass", "<answer>pass", "[INST] pass [/INST]", r"\boxed{pass", "[" * 100_000,
        "<answer>" * 100_000, r"\boxed{" * 100_000, "pass" * 300_000, "]" * 100_000 + "[" * 100_000,
    ],
    ids=range(18),
)  # fmt: skip
def test_match_action__rejects_what_is_no_answer(text: str) -> None:
    with pytest.raises(IllegalMoveError) as caught:
        match_action(text, LEGAL)
    assert len(str(caught.value)) < 400


def test_match_action__rejects_what_could_be_several() -> None:
    with pytest.raises(IllegalMoveError, match="could be 'Bxc3' or 'bxc3'"):
        match_action("<BXC3>", ("Bxc3", "bxc3", "e4"))
    assert match_action("bxc3", ("Bxc3", "bxc3", "e4")) == "bxc3"


def test_match_action__takes_a_legal_action_that_has_brackets_of_its_own() -> None:
    legal = ("[P0]Bid: 1", "[P0]Bid: 2")
    assert match_action("[P0]Bid: 2", legal) == "[P0]Bid: 2"
    assert match_action(" [p0]bid: 2", legal) == "[P0]Bid: 2"


@given(st.text(max_size=80))
def test_match_action__names_a_legal_action_or_raises(text: str) -> None:
    try:
        assert match_action(text, LEGAL) in LEGAL
    except IllegalMoveError:
        assert text not in LEGAL
