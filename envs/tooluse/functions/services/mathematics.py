"""MathAPI: arithmetic, statistics and units. It has no state."""

from __future__ import annotations

import math
from decimal import Context, Decimal, InvalidOperation
from typing import ClassVar, Final

from envs.tooluse.functions.services.precision import MAX_DIGITS, logarithm
from envs.tooluse.functions.services.service import Answer, FunctionService

__all__ = ["MathAPI"]

_MAX_BITS: Final = 100_000
_METRES: Final = {"km": 1000, "m": 1, "cm": 0.01, "mm": 0.001, "um": 1e-6, "nm": 1e-9}
_IMPERIAL: Final = {
    ("cm", "in"): 0.393701,
    ("in", "cm"): 2.54,
    ("m", "ft"): 3.28084,
    ("ft", "m"): 0.3048,
    ("m", "yd"): 1.09361,
    ("yd", "m"): 0.9144,
    ("km", "miles"): 0.621371,
    ("miles", "km"): 1.60934,
    ("kg", "lb"): 2.20462,
    ("lb", "kg"): 0.453592,
}


class MathAPI(FunctionService):
    """Compute."""

    about: ClassVar[str] = "Mathematical operations."

    def logarithm(self, value: float, base: float, precision: int) -> Answer:
        """Compute a logarithm.

        Args:
            value: The number.
            base: The base.
            precision: Number of decimal digits to compute with.
        """
        try:
            return {"result": logarithm(value, base, precision)}
        except (ValueError, ArithmeticError) as error:
            return {"error": str(error)}

    def mean(self, numbers: list[float]) -> Answer:
        """Compute the mean of numbers.

        Args:
            numbers: The numbers.
        """
        if not numbers:
            return {"error": "Cannot calculate mean of an empty list"}
        return {"result": sum(numbers) / len(numbers)}

    def standard_deviation(self, numbers: list[float]) -> Answer:
        """Compute the standard deviation of numbers, as a population.

        Args:
            numbers: The numbers.
        """
        if not numbers:
            return {"error": "Cannot calculate standard deviation of an empty list"}
        mean = sum(numbers) / len(numbers)
        return {"result": math.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers))}

    def si_unit_conversion(self, value: float, unit_in: str, unit_out: str) -> Answer:
        """Convert a length between metric units: km, m, cm, mm, um, nm.

        Args:
            value: The length.
            unit_in: Its unit.
            unit_out: The unit wanted.
        """
        if unit_in not in _METRES or unit_out not in _METRES:
            return _unsupported(unit_in, unit_out)
        return {"result": value * _METRES[unit_in] * (1 / _METRES[unit_out])}

    def imperial_si_conversion(self, value: float, unit_in: str, unit_out: str) -> Answer:
        """Convert between imperial and metric units.

        Known pairs: cm and in, m and ft, m and yd, km and miles, kg and lb, celsius and fahrenheit.

        Args:
            value: The quantity.
            unit_in: Its unit.
            unit_out: The unit wanted.
        """
        if unit_in == unit_out:
            return {"result": value}
        if (unit_in, unit_out) == ("celsius", "fahrenheit"):
            return {"result": value * 1.8 + 32}
        if (unit_in, unit_out) == ("fahrenheit", "celsius"):
            return {"result": (value - 32) * (5 / 9)}
        factor = _IMPERIAL.get((unit_in, unit_out))
        return _unsupported(unit_in, unit_out) if factor is None else {"result": value * factor}

    def add(self, a: float, b: float) -> Answer:
        """Add two numbers.

        Args:
            a: The first number.
            b: The second number.
        """
        return {"result": a + b}

    def subtract(self, a: float, b: float) -> Answer:
        """Subtract one number from another.

        Args:
            a: The number to subtract from.
            b: The number to subtract.
        """
        return {"result": a - b}

    def multiply(self, a: float, b: float) -> Answer:
        """Multiply two numbers.

        Args:
            a: The first number.
            b: The second number.
        """
        return {"result": a * b}

    def divide(self, a: float, b: float) -> Answer:
        """Divide one number by another.

        Args:
            a: The number to divide.
            b: The number to divide by.
        """
        return {"error": "Cannot divide by zero"} if b == 0 else {"result": a / b}

    def power(self, base: float, exponent: float) -> Answer:
        """Raise a number to a power.

        Args:
            base: The number.
            exponent: The power.
        """
        both_whole = isinstance(base, int) and isinstance(exponent, int)
        if both_whole and abs(exponent) * int(abs(base)).bit_length() > _MAX_BITS:
            return {"error": "The result is too large to represent"}
        return {"result": base**exponent}

    def square_root(self, number: float, precision: int) -> Answer:
        """Compute a square root.

        Args:
            number: The number.
            precision: Number of significant digits of the result.
        """
        if number < 0:
            return {"error": "Cannot calculate square root of a negative number"}
        try:
            if not 1 <= precision <= MAX_DIGITS:
                raise InvalidOperation
            return {"result": Decimal(number).sqrt(Context(prec=precision))}
        except InvalidOperation:
            return {"error": "Input must be a number or computation resulted in an invalid operation"}

    def absolute_value(self, number: float) -> Answer:
        """Compute the absolute value of a number.

        Args:
            number: The number.
        """
        return {"result": abs(number)}

    def round_number(self, number: float, decimal_places: int = 0) -> Answer:
        """Round a number.

        Args:
            number: The number.
            decimal_places: Number of decimals to keep.
        """
        if abs(decimal_places) > MAX_DIGITS:
            return {"error": "First input must be a number, second input must be an integer"}
        return {"result": round(number, decimal_places)}

    def percentage(self, part: float, whole: float) -> Answer:
        """Compute which percentage of a whole a part is.

        Args:
            part: The part.
            whole: The whole.
        """
        return {"error": "Whole value cannot be zero"} if whole == 0 else {"result": (part / whole) * 100}

    def min_value(self, numbers: list[float]) -> Answer:
        """Find the smallest of numbers.

        Args:
            numbers: The numbers.
        """
        return {"result": min(numbers)} if numbers else {"error": "Cannot find minimum of an empty list"}

    def max_value(self, numbers: list[float]) -> Answer:
        """Find the largest of numbers.

        Args:
            numbers: The numbers.
        """
        return {"result": max(numbers)} if numbers else {"error": "Cannot find maximum of an empty list"}

    def sum_values(self, numbers: list[float]) -> Answer:
        """Add up numbers.

        Args:
            numbers: The numbers.
        """
        return {"result": sum(numbers)} if numbers else {"error": "Cannot calculate sum of an empty list"}


def _unsupported(unit_in: str, unit_out: str) -> Answer:
    return {"error": f"Conversion from '{unit_in}' to '{unit_out}' is not supported"}
