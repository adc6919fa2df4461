"""Read numbers that a model wrote as an answer, exactly, and compare them with the reference."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

__all__ = ["read_number", "same_number"]

_LONGEST: Final = 3000
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII)
_LATEX: Final = re.compile(r"([+-]?)\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_TOLERANCE: Final = Fraction(1, 10**6)


def read_number(text: str) -> Fraction | None:
    r"""Read an integer, a decimal, or a fraction (`3/4`, `\frac{3}{4}`); None where it is none of these.

    Signs, white space, `$`, a closing period, thousands separators (`1,234`), `x = ` and a percent sign (a
    hundredth) are understood.
    """
    if len(text) > _LONGEST:
        return None
    bare = re.sub(r"[\s$]|\\[,;! ]", "", text.replace("−", "-")).lower().rstrip(".")
    bare = re.sub(r"^[a-z]=", "", bare)
    if bare.endswith("%"):
        value = _ratio(bare[:-1].removesuffix("\\"))
        return None if value is None else value / 100
    return _ratio(bare)


def same_number(given: str, expected: Fraction) -> bool:
    """Whether an answer is the expected number.

    Integers must be exact. A fraction may be written as a decimal, correct to a millionth of its value.
    """
    value = read_number(given)
    if value is None:
        return False
    if expected.denominator == 1:
        return value == expected
    return abs(value - expected) <= abs(expected) * _TOLERANCE


def _ratio(text: str) -> Fraction | None:
    parts = [_plain(part) for part in _LATEX.sub(r"\1\2/\3", text).split("/")]
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2 and parts[0] is not None and parts[1]:
        return parts[0] / parts[1]
    return None


def _plain(text: str) -> Fraction | None:
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    return Fraction(text) if _NUMBER.fullmatch(text) else None
