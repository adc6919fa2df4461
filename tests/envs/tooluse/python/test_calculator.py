from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.tooluse.python.calculator import CalculatorError, calculate, calculator


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("1/3 + 1/6", "1/2 (about 0.5)"),
        ("2^10", "1024"),
        ("2**-2", "1/4 (about 0.25)"),
        ("-2^2", "-4"),
        ("7 // 2 + 7 % 4", "6"),
        ("sqrt(49/4)", "7/2 (about 3.5)"),
        ("sqrt(2)", repr(math.sqrt(2))),
        ("0.1 + 0.2", repr(0.1 + 0.2)),
        ("comb(10, 3) * factorial(5)", "14400"),
        ("gcd(12, 18) + lcm(4, 6)", "18"),
        ("round(2/3, 2)", "67/100 (about 0.67)"),
        ("floor(-7/2)", "-4"),
        ("max(1, 2.5)", "2.5"),
        ("1e3", "1000.0"),
        ("10**400 / 3", f"{10**400}/3 (about more than 1e308)"),
    ],
)
def test_calculator__computes(expression: str, result: str) -> None:
    assert calculator(expression) == result


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("9**9**9", "too large"),
        ("10**3000 * 10**3000", "too large"),
        ("factorial(10**9)", "too large"),
        ("comb(10**6, 10**5)", "too large"),
        ("(1/3)**100000", "too large"),
        ("2.0**10000", "too large"),
        ("1e999", "undefined or infinite"),
        ("(-8)**0.5", "undefined or infinite"),
        ("sqrt(-1)", "square root of a negative"),
        ("1/0", "divides by zero"),
        ("0**-1", "divides by zero"),
        ("5 % 0", "divides by zero"),
        ("log(-1)", "undefined"),
        ("gcd(2.5, 1)", "undefined"),
        ("abs()", "undefined"),
        ("round(1, 10**9)", "too large"),
        ("", "not a well-formed expression"),
        ("1 +", "not a well-formed expression"),
        ("(" * 400 + ")" * 400, "not a well-formed expression"),
        ("(" * 2000, "at most 1000 are read"),
        ("1, 2", "Tuple"),
        ("x", "Name"),
        ("f(1)", "no function f"),
        ("abs(1)(2)", "Call"),
        ("max(a=1)", "no part of an expression"),
        ("__import__('os')", "no part of an expression"),
        ("(1).real", "no part of an expression"),
        ("[1 for x in (1,)]", "no part of an expression"),
        ("lambda: 1", "no part of an expression"),
        ("1if 2else 3", "no part of an expression"),
        ("1 if 2 else 3", "IfExp"),
        ("1 and 2", "BoolOp"),
        ("１", "no part of an expression"),
        ("1\x00", "no part of an expression"),
        ("True", "Constant"),
    ],
)
def test_calculator__refuses(expression: str, reason: str) -> None:
    with pytest.raises(CalculatorError) as raised:
        calculate(expression)
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    "expression",
    ["-" * 999 + "1", "+".join(["9**3000"] * 120), "lcm(" + ",".join(["factorial(1000)"] * 60) + ")"],
)
def test_calculator__bounds_the_worst_input(expression: str) -> None:
    try:
        value = calculate(expression)
    except CalculatorError as error:
        assert "too large" in str(error) or "not a well-formed" in str(error)
    else:
        assert isinstance(value, int) and value.bit_length() <= 10_000


@given(st.text(alphabet="0123456789+-*/%^(). eabcfgilmnopqrst,", max_size=60))
def test_calculator__any_text_is_computed_or_refused(text: str) -> None:
    try:
        assert calculator(text)
    except CalculatorError as error:
        assert str(error)


@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(1, 99), st.integers(0, 5))
def test_calculator__is_exact(a: int, b: int, c: int, n: int) -> None:
    assert calculate(f"({a} - ({b})) / {c} + ({a})^{n}") == Fraction(a - b, c) + a**n
