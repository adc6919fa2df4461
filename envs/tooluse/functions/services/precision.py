"""Logarithms to a chosen number of decimal digits, rounded as binary floating point of that precision.

The benchmark computes them with mpmath; this is the same arithmetic (operands and results are rounded to
nearest in a mantissa of `bits_of(digits)` bits) on Python's integers and `decimal`.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from typing import Final

__all__ = ["MAX_DIGITS", "BinaryFloat", "logarithm"]

MAX_DIGITS: Final = 1000
_BITS_PER_DIGIT: Final = 3.3219280948873626
_GUARD: Final = 30


class BinaryFloat:
    """A number of limited precision; its `repr` is the form in which the agent reads it."""

    def __init__(self, value: Fraction, bits: int) -> None:
        self.value = _rounded(value, bits)
        certain = max(1, round(bits / _BITS_PER_DIGIT) - 1)
        self._digits = certain + (2 if certain == 15 else 3)  # so many digits tell it from its neighbours

    def __repr__(self) -> str:
        return f"mpf('{_decimal_text(self.value, self._digits)}')"


def bits_of(digits: int) -> int:
    """Mantissa bits for a number of decimal digits."""
    return max(1, round((digits + 1) * _BITS_PER_DIGIT))


def logarithm(value: float, base: float, digits: int) -> BinaryFloat:
    """Compute ln(value) / ln(base), each logarithm and the quotient rounded to the precision.

    Raises:
        ValueError: A number is not positive and finite, the base is 1, or `digits` is not in 1..1000.
    """
    if not 1 <= digits <= MAX_DIGITS:
        raise ValueError(f"precision is {digits}; it must be between 1 and {MAX_DIGITS}")
    if not (0 < value < math.inf and 0 < base < math.inf) or base == 1:
        raise ValueError("value and base must be positive and finite, and the base must not be 1")
    bits = bits_of(digits)
    return BinaryFloat(_ln(value, bits) / _ln(base, bits), bits)


def _ln(number: float, bits: int) -> Fraction:
    with localcontext(Context(prec=int(bits / _BITS_PER_DIGIT) + _GUARD)):
        return _rounded(Fraction(Decimal(number).ln()), bits)


def _rounded(value: Fraction, bits: int) -> Fraction:
    """Round to nearest, ties to even, in a mantissa of `bits` bits."""
    if value == 0:
        return value
    exponent = abs(value.numerator).bit_length() - value.denominator.bit_length() - bits
    scaled = value / Fraction(2) ** exponent
    if abs(scaled) >= 2**bits:
        exponent += 1
        scaled /= 2
    elif abs(scaled) < 2 ** (bits - 1):
        exponent -= 1
        scaled *= 2
    return round(scaled) * Fraction(2) ** exponent


def _decimal_text(value: Fraction, digits: int) -> str:
    """Write with so many significant digits, without trailing zeros but at least one decimal."""
    with localcontext(Context(prec=digits, rounding=ROUND_HALF_EVEN)):
        number = Decimal(value.numerator) / Decimal(value.denominator)
        exponent = number.adjusted() if number else 0
        mantissa = number.scaleb(-exponent)
    if min(-(digits // 3), -5) < exponent < digits:
        return _with_decimals(format(number, "f"))
    return f"{_with_decimals(format(mantissa, 'f'))}e{exponent:+d}".replace("e-0", "e-")


def _with_decimals(text: str) -> str:
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"
