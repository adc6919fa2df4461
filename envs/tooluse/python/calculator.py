"""A calculator: exact on integers and fractions, bounded in size, never `eval`."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

__all__ = ["CalculatorError", "Number", "calculate", "calculator"]

Number = int | Fraction | float

_LONGEST: Final = 1000  # characters of an expression
_BITS: Final = 10_000  # of every intermediate integer; 3000 digits
_TOKEN: Final = re.compile(
    r"\s+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?(?![\w.])|[A-Za-z_]\w*|\*\*|//|[-+*/%^(),]"
)


class CalculatorError(ValueError):
    """An expression cannot be computed. The message says why, in words for an agent."""


def calculator(expression: str) -> str:
    """Compute an arithmetic expression: + - * / // % ** ( ) and functions: sqrt, gcd, factorial, comb, ...

    Args:
        expression: The expression, e.g. "(3 + 4) * comb(10, 2) / 7".
    """
    return written(calculate(expression))


def calculate(expression: str) -> Number:
    """Compute an expression; integers and their quotients stay exact.

    Time is linear in the length of the expression: every value in it is bounded, and so is each operation.

    Args:
        expression: At most 1000 characters; "^" is a power, as "**" is.

    Raises:
        CalculatorError: It is no expression, or a value in it is undefined or too large.
    """
    _check_words(expression)
    try:
        tree = ast.parse(expression.strip().replace("^", "**"), mode="eval")
        return _value(tree.body)
    except CalculatorError:
        raise
    except ZeroDivisionError:
        raise CalculatorError("It divides by zero.") from None
    except OverflowError:
        raise CalculatorError("A value in it is too large.") from None
    except (SyntaxError, MemoryError, RecursionError):
        raise CalculatorError(
            "It is not a well-formed expression. Check the brackets and operators."
        ) from None
    except (ValueError, TypeError) as error:
        raise CalculatorError(f"It is undefined: {error}.") from None


def written(value: Number) -> str:
    """Write a value: an integer, a fraction with its decimal value, or a decimal."""
    if isinstance(value, Fraction):
        return f"{value} (about {_decimal(value)})"
    return str(value)


def _decimal(value: Fraction) -> str:
    try:
        return f"{float(value):.10g}"
    except OverflowError:
        return "more than 1e308" if value > 0 else "less than -1e308"


def _check_words(expression: str) -> None:
    """Let nothing but numbers, names and operators reach the parser."""
    if len(expression) > _LONGEST:
        raise CalculatorError(f"It has {len(expression)} characters; at most {_LONGEST} are read.")
    place = 0
    while place < len(expression):
        token = _TOKEN.match(expression, place)
        if token is None or not token[0].isascii():
            raise CalculatorError(f"It holds {expression[place]!a}, which is no part of an expression.")
        place = token.end()


def _value(node: ast.expr) -> Number:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return _bounded(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _bounded(_OPERATORS[type(node.op)](_value(node.left), _value(node.right)))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.Name) and node.id in _NAMES:
        return _NAMES[node.id]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _bounded(_function(node.func.id)(*map(_value, node.args)))
    raise CalculatorError(f"It holds {type(node).__name__}, which is not allowed. Use numbers and operators.")


def _function(name: str) -> Callable[..., Any]:
    if name not in _FUNCTIONS:
        raise CalculatorError(f"There is no function {name[:40]}. There are: {', '.join(_FUNCTIONS)}.")
    return _FUNCTIONS[name]


def _bounded(value: Any) -> Number:
    """Bound a value, and write whole fractions as integers."""
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return _bounded(value.numerator)
        _bounded(value.denominator)
        _bounded(value.numerator)
    elif isinstance(value, int):
        if value.bit_length() > _BITS:
            raise OverflowError
    elif not isinstance(value, float) or not math.isfinite(value):
        raise CalculatorError("A value in it is undefined or infinite.")
    result: Number = value
    return result


def _divide(a: Number, b: Number) -> Number:
    return a / b if isinstance(a, float) or isinstance(b, float) else Fraction(a) / Fraction(b)


def _power(base: Number, exponent: Number) -> Any:
    if isinstance(exponent, int) and not isinstance(base, float):
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(exponent) * size > _BITS and abs(base) != 1:
            raise OverflowError
        return Fraction(base) ** exponent
    return float(base) ** float(exponent)


def _sqrt(value: Number) -> Number:
    if isinstance(value, float):
        return math.sqrt(value)
    if value < 0:
        raise CalculatorError("It takes the square root of a negative number.")
    root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    return root if root * root == value else math.sqrt(value)


def _small(function: Callable[..., int]) -> Callable[..., int]:
    """Bound the arguments of a function whose values grow fast."""

    def bounded(*values: int) -> int:
        if any(abs(value) > 1000 for value in values):
            raise OverflowError
        return function(*values)

    return bounded


def _round(value: Number, digits: int = 0) -> Number:
    if not isinstance(digits, int) or abs(digits) > 300:
        raise OverflowError
    return round(value, digits) if isinstance(value, float) else Fraction(round(Fraction(value), digits))


_OPERATORS: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divide,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": abs,
    "min": min,
    "max": max,
    "round": _round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": _sqrt,
    "gcd": math.gcd,
    "lcm": math.lcm,
    "factorial": _small(math.factorial),
    "comb": _small(math.comb),
    "perm": _small(math.perm),
    "exp": math.exp,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
}
_NAMES: Final[Mapping[str, float]] = {"pi": math.pi, "e": math.e}
