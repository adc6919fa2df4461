"""Chance: one stream of numbers from a key of integers, the same in every process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np

__all__ = ["Dice"]

T = TypeVar("T")
_BATCH: Final = 64


class Dice:
    """Draws that depend on a key alone.

    Numbers are taken from NumPy in batches, because a draw of a single one costs more than all else here.

    Args:
        key: Integers, at least 0.
    """

    def __init__(self, *key: int) -> None:
        self._random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))
        self._drawn: list[float] = []

    def share(self) -> float:
        """Draw a number in [0, 1)."""
        if not self._drawn:
            self._drawn = self._random.random(_BATCH).tolist()
        return self._drawn.pop()

    def between(self, low: int, high: int) -> int:
        """Draw a number in [low, high]."""
        return low + int(self.share() * (high - low + 1))

    def one_of(self, things: Sequence[T]) -> T:
        """Draw a thing, each with the same chance."""
        return things[int(self.share() * len(things))]

    def weighted(self, weights: Sequence[float]) -> int:
        """Draw the number of a weight, in proportion to the weights; they are not all zero."""
        left = self.share() * sum(weights)
        for number, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return number
        return max(number for number, weight in enumerate(weights) if weight > 0)  # rounding
