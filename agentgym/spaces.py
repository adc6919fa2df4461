"""`FreeText`: the space of any Unicode text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Space

from agentgym.errors import ArgumentError

__all__ = ["FreeText"]

_ALPHABET = tuple(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;!?'\"()<>[]{}/\n-_äéßжλ中か🙂"
)


class FreeText(Space[str]):
    """Any Unicode text of at most `max_length` characters.

    Not a subclass of `gymnasium.spaces.Text`: that one accepts only the characters of a given set, which
    leaves out spaces and all non-ASCII text by default, and under shared memory silently returns constant
    text.

    Args:
        max_length: Greatest number of characters.
        seed: Seed of the sampler.
    """

    def __init__(self, max_length: int = 1 << 20, seed: int | np.random.Generator | None = None) -> None:
        if max_length < 1:
            raise ArgumentError(
                f"`max_length` is {max_length}. It must be at least 1. Leave it out for 1 MB."
            )
        self.max_length = max_length
        super().__init__(shape=None, dtype=None, seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """Text has no flat array form."""
        return False

    def sample(self, mask: Sequence[str] | None = None, probability: None = None) -> str:
        """Draw a text.

        Args:
            mask: The legal texts; one of them is drawn. None: random characters, at most 64.
            probability: Not supported; present for Gymnasium's signature.

        Raises:
            ArgumentError: `mask` is empty or a single text, or `probability` is given.
        """
        if probability is not None:
            raise ArgumentError("FreeText cannot sample by probability. Pass mask=<legal texts> or nothing.")
        if mask is not None:
            if isinstance(mask, str):
                raise ArgumentError(
                    "The mask of FreeText.sample is one text. Pass a tuple of the legal texts."
                )
            if len(mask) == 0:
                raise ArgumentError(
                    "The mask of FreeText.sample is empty. It must hold at least one legal text."
                )
            return mask[int(self.np_random.integers(len(mask)))]
        length = int(self.np_random.integers(1, min(self.max_length, 64) + 1))
        return "".join(_ALPHABET[i] for i in self.np_random.integers(len(_ALPHABET), size=length))

    def contains(self, x: Any) -> bool:
        """Whether `x` is a text that is not too long."""
        return isinstance(x, str) and len(x) <= self.max_length

    def __repr__(self) -> str:
        return f"FreeText(max_length={self.max_length})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FreeText) and other.max_length == self.max_length

    def __hash__(self) -> int:
        return hash((FreeText, self.max_length))
