"""What money is worth in other currencies, in TravelAPI."""

from __future__ import annotations

from typing import Final

__all__ = ["exchange"]

_PER_USD: Final = {
    "RMB": 7,
    "EUR": 0.8,
    "JPY": 110,
    "GBP": 0.7,
    "CAD": 1.3,
    "AUD": 1.4,
    "INR": 70,
    "RUB": 60,
    "BRL": 3.8,
    "MXN": 20,
}


def exchange(base: str, target: str, value: float) -> float:
    """Convert a sum between USD and another currency; sums in USD are rounded to cents.

    Raises:
        ValueError: Neither currency is USD, or the other is unknown.
    """
    if base == "USD" and target in _PER_USD:
        return float(value * _PER_USD[target])
    if target == "USD" and base in _PER_USD:
        return round(value / _PER_USD[base], 2)
    raise ValueError("No available exchange rate for the given currencies.")
