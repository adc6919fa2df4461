"""A player who says what was recorded: it lets a seat's record be executed again without the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentgym.errors import DataError
from envs.games.match import Match

__all__ = ["Recorded"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Says the texts of a record, the n-th when it is asked for the n-th time.

    Attributes:
        texts: Everything that the seat said, illegal texts included.
    """

    texts: Sequence[str]
    name: str = "replay@v1"

    def speak(self, match: Match, seat: int, rng: np.random.Generator) -> str:
        """Say the next text.

        Raises:
            DataError: The record has no more.
        """
        if match.spoken[seat] >= len(self.texts):
            raise DataError(
                f"The recording of player {seat} has {len(self.texts)} texts, and the play asks for more."
            )
        return self.texts[match.spoken[seat]]
