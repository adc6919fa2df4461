"""Algebra: equations with one exact solution that is asked for."""

from __future__ import annotations

from fractions import Fraction

from numpy.random import Generator

from envs.tooluse.python.tasks.task import MathTask

__all__ = ["algebra"]


def algebra(level: int, rng: Generator) -> MathTask:
    """Make a linear equation, a system of two, or a quadratic equation with rational roots."""
    return (_linear, _system, _quadratic)[level - 1](rng)


def _linear(rng: Generator) -> MathTask:
    a, b, c, d = _coefficients(rng, 4)
    if a == c:
        return _linear(rng)
    question = f"Solve {_terms((a, 'x'), (b, ''))} = {_terms((c, 'x'), (d, ''))} for x. Give the exact value."
    return MathTask(question, Fraction(d - b, a - c), "calculator", f"({d} - ({b})) / ({a} - ({c}))")


def _system(rng: Generator) -> MathTask:
    a, b, p, c, d, q = _coefficients(rng, 6)
    determinant = a * d - b * c
    if determinant == 0:
        return _system(rng)
    asked = "xy"[int(rng.integers(2))]
    numbers = (p, d, b, q) if asked == "x" else (a, q, p, c)
    one, other = _terms((a, "x"), (b, "y")), _terms((c, "x"), (d, "y"))
    question = (
        f"The numbers x and y satisfy {one} = {p} and {other} = {q}. What is {asked}? Give the exact value."
    )
    k, m, n, o = numbers
    source = f"(({k}) * ({m}) - ({n}) * ({o})) / (({a}) * ({d}) - ({b}) * ({c}))"
    return MathTask(question, Fraction(k * m - n * o, determinant), "calculator", source)


def _quadratic(rng: Generator) -> MathTask:
    """Multiply out (p x - q)(r x - s) = 0."""
    p, r = (int(n) for n in rng.integers(1, 10, size=2))
    q, s = _coefficients(rng, 2)
    one, other = Fraction(q, p), Fraction(s, r)
    if one == other:
        return _quadratic(rng)
    a, b, c = p * r, -(p * s + q * r), q * s
    question = (
        f"The equation {_terms((a, 'x^2'), (b, 'x'), (c, ''))} = 0 has two solutions. "
        "What is the larger one? Give the exact value."
    )
    source = f"(-({b}) + sqrt(({b})^2 - 4 * {a} * ({c}))) / (2 * {a})"
    return MathTask(question, max(one, other), "calculator", source)


def _coefficients(rng: Generator, count: int) -> list[int]:
    """Draw integers from -40 to 40, without 0."""
    return [int(n) * (1 if rng.integers(2) else -1) for n in rng.integers(1, 41, size=count)]


def _terms(*terms: tuple[int, str]) -> str:
    """Write a sum of terms: `3x - y + 5`."""
    text = ""
    for factor, name in terms:
        if factor == 0:
            continue
        size = "" if abs(factor) == 1 and name else str(abs(factor))
        sign = (" - " if factor < 0 else " + ") if text else ("-" if factor < 0 else "")
        text += f"{sign}{size}{name}"
    return text
