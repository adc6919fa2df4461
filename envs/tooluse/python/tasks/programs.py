"""Program tasks: questions that take a small program, each with the function that answers it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from numpy.random import Generator

from envs.tooluse.python.tasks import solutions
from envs.tooluse.python.tasks.task import MathTask

__all__ = ["program"]


def program(level: int, rng: Generator) -> MathTask:
    """Make a question of number theory, of simulation or of counting."""
    kinds = _LEVELS[level - 1]
    return kinds[int(rng.integers(len(kinds)))](rng)


def _task(question: str, solve: Callable[..., int], *arguments: Any) -> MathTask:
    """Make a task; the expert's program is the source of `solve` and a call of it."""
    called = f"{solve.__name__}({', '.join(map(repr, arguments))})"
    return MathTask(question, Fraction(solve(*arguments)), "python", f"{inspect.getsource(solve)}\n{called}")


def _draw(rng: Generator, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def _digit_sum(rng: Generator) -> MathTask:
    base, exponent = _draw(rng, 3, 999), _draw(rng, 20, 150)
    return _task(
        f"What is the sum of the decimal digits of {base}^{exponent}?", solutions.digit_sum, base, exponent
    )


def _divisible(rng: Generator) -> MathTask:
    low = _draw(rng, 1, 5000)
    high, one, other = low + _draw(rng, 500, 20_000), _draw(rng, 3, 40), _draw(rng, 3, 40)
    question = (
        f"How many integers from {low} to {high}, both included, are divisible by {one} but not by {other}?"
    )
    return _task(question, solutions.divisible, low, high, one, other)


def _prime_after(rng: Generator) -> MathTask:
    number = _draw(rng, 1000, 9_999_999)
    return _task(f"What is the smallest prime number greater than {number}?", solutions.prime_after, number)


def _recurrence(rng: Generator) -> MathTask:
    start, factor, term = (_draw(rng, 2, 997) for _ in range(3))
    modulus, steps = _draw(rng, 1000, 99_999), _draw(rng, 100, 3000)
    rule = f"x(n) = ({factor} * x(n-1) + {term}) mod {modulus}"
    question = f"Let x(0) = {start} and {rule} for n > 0. What is x({steps})?"
    return _task(question, solutions.recurrence, start, factor, term, modulus, steps)


def _increasing(rng: Generator) -> MathTask:
    numbers = [int(n) for n in rng.integers(10, 100, size=_draw(rng, 12, 20))]
    question = f"How long is the longest strictly increasing subsequence of {numbers}?"
    return _task(question, solutions.increasing, numbers)


def _change(rng: Generator) -> MathTask:
    coins = sorted({1, *(int(n) for n in rng.integers(2, 40, size=4))})
    total = _draw(rng, 60, 400)
    question = (
        f"In how many ways can {total} cents be paid with coins of {coins} cents? Order does not matter."
    )
    return _task(question, solutions.change, total, coins)


def _paths(rng: Generator) -> MathTask:
    width, height = _draw(rng, 5, 9), _draw(rng, 5, 9)
    cells = sorted({(int(rng.integers(1, width)), int(rng.integers(0, height - 1))) for _ in range(5)})
    question = (
        f"A grid has {width} columns and {height} rows of cells, numbered (column, row) from (0, 0). A path "
        f"starts at (0, 0), ends at ({width - 1}, {height - 1}), and each step adds 1 to the column or the "
        f"row. How many paths avoid the cells {', '.join(map(str, cells))}?"
    )
    return _task(question, solutions.paths, width, height, cells)


def _last_one(rng: Generator) -> MathTask:
    people, step = _draw(rng, 30, 2000), _draw(rng, 2, 50)
    question = (
        f"{people} people, numbered from 1, stand in a circle and count from 1 to {step}, beginning with "
        f"number 1. Who counts {step} leaves, and the next who is left counts 1. Which number is left last?"
    )
    return _task(question, solutions.last_one, people, step)


def _collatz(rng: Generator) -> MathTask:
    low = _draw(rng, 1, 50_000)
    high = low + _draw(rng, 50, 500)
    question = (
        "From n, go to n/2 where n is even, else to 3n+1, until 1 is reached. Which start from "
        f"{low} to {high}, both included, takes the most steps? Of several, give the smallest."
    )
    return _task(question, solutions.collatz, low, high)


_LEVELS = (
    (_digit_sum, _divisible, _prime_after),
    (_recurrence, _increasing, _change),
    (_paths, _last_one, _collatz),
)
