"""How numbers are written on a page."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["count", "fixed", "maybe", "money", "percent", "short", "signed", "signed_short", "thinned"]

_MINUS = "−"
_ROWS = 60


def fixed(value: float, digits: int) -> str:
    """Write a number with a fixed number of digits, and never minus nothing."""
    text = f"{value:,.{digits}f}"
    return _with_minus(text if float(text.replace(",", "")) else f"{0:.{digits}f}")


def maybe(value: float | None, digits: int) -> str:
    """Write a number, or a dash where there is none."""
    return "–" if value is None else fixed(value, digits)


def signed(value: float, digits: int) -> str:
    """Write a difference: with its sign, 0 without one."""
    text = fixed(value, digits)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def short(value: float) -> str:
    """Write a number with four digits that tell."""
    return _with_minus(f"{value:.4g}")


def signed_short(value: float) -> str:
    """Write a number with its sign and three digits that tell."""
    return _with_minus(f"{value:+.3g}") if value else "0"


def percent(share: float) -> str:
    """Write a share as a percentage."""
    return f"{100 * share:.1f} %"


def count(mean: float) -> str:
    """Write a mean of counts: whole from ten on."""
    return fixed(mean, 0 if mean >= 10 or not mean else 1)


def money(mean: float) -> str:
    """Write a cost, of which nothing small is lost; a dash for nothing."""
    return f"{mean:,.3g}" if mean else "–"


def thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave at most 60 rows of a table of points; the first and the last stay."""
    step = max(1, -(-len(points) // _ROWS))
    return [*points[:-1:step], points[-1]]


def _with_minus(text: str) -> str:
    return text.replace("-", _MINUS)
