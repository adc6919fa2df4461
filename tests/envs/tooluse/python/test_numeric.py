from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.tooluse.answering import answer_in
from envs.tooluse.python.numeric import read_number, same_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", Fraction(7)),
        (" -7. ", Fraction(-7)),
        ("−3", Fraction(-3)),
        ("1,234.5", Fraction(2469, 2)),
        ("3/4", Fraction(3, 4)),
        (r"\frac{3}{4}", Fraction(3, 4)),
        (r"-\dfrac{1}{2}", Fraction(-1, 2)),
        ("$12$", Fraction(12)),
        ("x = 5", Fraction(5)),
        ("50%", Fraction(1, 2)),
        (r"$50\%$", Fraction(1, 2)),
        ("1e3", Fraction(1000)),
        (".5", Fraction(1, 2)),
    ],
)
def test_read_number__reads(text: str, value: Fraction) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "seven",
        "1/0",
        "1/2/3",
        "12,34",
        "１２",
        "7 or 8",
        "0x10",
        "1e9999",
        "nan",
        "%",
        "9" * 4000,
        "1_0",
        "5" + "%." * 1400 + "%",
    ],
)
def test_read_number__refuses(text: str) -> None:
    assert read_number(text) is None


@given(st.fractions())
def test_read_number__reads_what_fractions_write(value: Fraction) -> None:
    assert read_number(str(value)) == value


def test_same_number__integers_are_exact_and_fractions_to_a_millionth() -> None:
    assert same_number("12", Fraction(12)) and same_number("24/2", Fraction(12))
    assert not same_number("12.0000001", Fraction(12))
    assert not same_number("0.33333", Fraction(1, 3))
    assert same_number("0.33333333", Fraction(1, 3))
    assert not same_number("no number", Fraction(1, 3))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<answer>7</answer>", "7"),
        ("Not <answer>7</answer> but <answer> 8 </answer>.", "8"),
        (r"So \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        (r"\boxed{1} and \boxed{2}", "2"),
        (r"<answer>3</answer> \boxed{4}", "3"),
        ("The answer is 7.", None),
        ("<answer>7", None),
        ("7</answer>", None),
        (r"\boxed{7", None),
        ("", None),
    ],
)
def test_answer_in__finds_the_last(text: str, answer: str | None) -> None:
    assert answer_in(text) == answer


def test_answer_in__cuts_long_answers() -> None:
    assert len(answer_in(f"<answer>{'x' * 10**6}</answer>") or "") == 1000
    assert answer_in("\\boxed{" + "{" * 10**6) is None
