"""The calculator of tau-bench: what Python would compute, without `eval` and within bounds."""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable
from typing import Any, Final

__all__ = ["calculate"]

_ALLOWED: Final = frozenset("0123456789+-*/(). ")
_LONGEST: Final = 1000
_BITS: Final = 4096
_BINARY: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def calculate(expression: str) -> str:
    """Compute an expression of numbers, + - * / ** // and parentheses, rounded to 2 digits.

    Returns:
        The number, or "Error: ..." as tau-bench words it where Python raises.
    """
    if not _ALLOWED.issuperset(expression):
        return "Error: invalid characters in expression"
    if len(expression) > _LONGEST:
        return "Error: expression too long"
    try:
        with warnings.catch_warnings(action="ignore"):  # "2(3)" makes the compiler warn
            tree = ast.parse(expression.lstrip(" "), "<string>", "eval")
        return str(round(float(_value(tree.body)), 2))
    except (SyntaxError, ArithmeticError, TypeError, ValueError, RecursionError, MemoryError) as error:
        return f"Error: {error}"


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _value(inner)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left), _value(right))
        case ast.Call(func=inner):
            raise TypeError(f"'{type(_value(inner)).__name__}' object is not callable")
        case ast.Tuple():
            raise TypeError("float() argument must be a string or a real number, not 'tuple'")
    raise TypeError("float() argument must be a string or a real number, not 'ellipsis'")


def _power(base: Any, exponent: Any) -> Any:
    """Raise to a power whose result stays below 2^4096."""
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > _BITS:
        raise OverflowError("number too large")
    result = base**exponent
    if isinstance(result, complex):
        raise TypeError("float() argument must be a string or a real number, not 'complex'")
    return result
