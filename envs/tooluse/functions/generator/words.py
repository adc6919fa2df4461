"""Words that generated tasks are made of, and draws of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np

__all__ = ["NAMES", "SUBJECTS", "Draw"]

T = TypeVar("T")

SUBJECTS: Final = (
    "budget", "report", "plan", "draft", "letter", "invoice", "menu", "recipe", "poem", "diary", "agenda",
    "memo", "survey", "script", "summary", "outline", "review", "chart", "index", "notes",
)  # fmt: skip
_ADJECTIVES: Final = (
    "old", "new", "red", "blue", "green", "small", "large", "short", "long", "early", "late", "final",
    "first", "second", "quiet", "bright", "cold", "warm", "plain", "rough",
)  # fmt: skip
_VERBS: Final = ("check", "send", "bring", "sign", "keep", "move", "print", "read", "share", "store")
NAMES: Final = (
    "Anna", "Boris", "Clara", "David", "Elena", "Felix", "Greta", "Henry", "Irene", "Jonas", "Karin",
    "Lukas", "Maria", "Niklas", "Olga", "Peter", "Ruth", "Simon", "Tanja", "Viktor",
)  # fmt: skip


class Draw:
    """Draws from a generator.

    Args:
        random: The generator.
    """

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random

    def between(self, low: int, high: int) -> int:
        """Draw a number in [low, high]."""
        return int(self._random.integers(low, high + 1))

    def chance(self, share: float) -> bool:
        """Decide with a probability."""
        return bool(self._random.random() < share)

    def one_of(self, things: Sequence[T]) -> T:
        """Draw a thing."""
        return things[int(self._random.integers(len(things)))]

    def some_of(self, things: Sequence[T], count: int) -> list[T]:
        """Draw different things, as many as there are at most."""
        chosen = self._random.permutation(len(things))[: min(count, len(things))]
        return [things[int(index)] for index in chosen]

    def name(self) -> str:
        """Draw two words as a name, like "red_budget"."""
        return f"{self.one_of(_ADJECTIVES)}_{self.one_of(SUBJECTS)}"

    def text(self) -> str:
        """Draw a few words, like "send the cold memo"."""
        return f"{self.one_of(_VERBS)} the {self.one_of(_ADJECTIVES)} {self.one_of(SUBJECTS)}"
