"""Chance that belongs to a number: the same draws for the same numbers, in any order and any process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np

__all__ = ["Draws"]

T = TypeVar("T")
_COUNT: Final = 96


class Draws:
    """A short row of random numbers, drawn at once because single draws are slow.

    Args:
        key: The numbers that it belongs to, none below 0.
    """

    def __init__(self, *key: int) -> None:
        generator = np.random.Generator(np.random.PCG64(key))
        numbers: list[float] = generator.random(_COUNT).tolist()
        self._left = iter(numbers)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """Draw a number of [low, high)."""
        return low + (high - low) * next(self._left)

    def count(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`."""
        return low + int((high - low + 1) * next(self._left))

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of several."""
        return choices[int(len(choices) * next(self._left))]

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """Draw `count` different ones, in the order of drawing."""
        left = list(choices)
        return [left.pop(int(len(left) * next(self._left))) for _ in range(min(count, len(left)))]
