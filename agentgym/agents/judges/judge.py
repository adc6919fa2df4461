"""What a judge is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from agentgym.trajectory import Decision, Turn

__all__ = ["Judge", "Verdict"]


class Verdict(NamedTuple):
    """What a judge says of the candidates of a turn.

    Attributes:
        scores: One for each candidate, shape (K,); the highest is taken.
        asked: Answers that were generated to find them: they are paid for.
    """

    scores: NDArray[np.float64]
    asked: Sequence[Decision] = ()


class Judge(Protocol):
    """Scores candidate actions."""

    def judge(
        self, turns: Sequence[Turn], candidates: Sequence[Sequence[Decision]]
    ) -> Sequence[Verdict | Exception]:
        """Judge the candidates of every turn, at least one each.

        An exception in the place of a verdict breaks that episode alone.
        """
        ...
