"""Arithmetic: expressions to evaluate exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from numpy.random import Generator

from envs.tooluse.python.tasks.task import MathTask

__all__ = ["arithmetic"]

_OPERATORS = {1: "++-*", 2: "+-*/", 3: "+-*/%^"}
_OPERANDS = {1: (3, 3), 2: (4, 5), 3: (6, 8)}
_GREATEST = 10**12


class _Part(NamedTuple):
    """A part of an expression: its text, bracketed where it is no number, and its value."""

    text: str
    value: Fraction


def arithmetic(level: int, rng: Generator) -> MathTask:
    """Make an expression of 3, of 4 or 5, or of 6 to 8 numbers; from level 2 on with quotients."""
    low, high = _OPERANDS[level]
    while True:
        whole = _expression(int(rng.integers(low, high + 1)), level, rng)
        if whole is not None:
            text = whole.text[1:-1]
            question = f"Compute {text}. Give the exact value, as an integer or a fraction."
            return MathTask(question, whole.value, "calculator", text)


def _expression(operands: int, level: int, rng: Generator) -> _Part | None:
    """Draw an expression; None where a part of it is undefined or very large."""
    if operands == 1:
        number = int(rng.integers(2, 100))
        return _Part(str(number), Fraction(number))
    left = int(rng.integers(1, operands))
    parts = _expression(left, level, rng), _expression(operands - left, level, rng)
    operator = _OPERATORS[level][int(rng.integers(len(_OPERATORS[level])))]
    power = int(rng.integers(2, 4))
    if parts[0] is None or parts[1] is None:
        return None
    joined = _join(operator, parts[0], parts[1], power)
    return joined if joined is not None and abs(joined.value) <= _GREATEST else None


def _join(operator: str, one: _Part, other: _Part, power: int) -> _Part | None:
    if operator == "^":
        return _Part(f"({one.text} + {other.text}^{power})", one.value + other.value**power)
    text = f"({one.text} {operator} {other.text})"
    if operator == "+":
        return _Part(text, one.value + other.value)
    if operator == "-":
        return _Part(text, one.value - other.value)
    if operator == "*":
        return _Part(text, one.value * other.value)
    if other.value == 0:
        return None
    if operator == "/":
        return _Part(text, one.value / other.value)
    whole = one.value.denominator == other.value.denominator == 1 and one.value > 0 and other.value > 0
    return _Part(text, one.value % other.value) if whole else None
