"""Scores that compare across games, and how strangers get along in cooperative ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError, ShapeError

__all__ = ["CrossPlay", "cross_play", "normalised"]

FloatArray = NDArray[np.float64]


def normalised(value: float, *, random: float, reference: float) -> float:
    """Place a mean return between that of random play, 0, and that of a reference, 1.

    Raises:
        ArgumentError: The reference plays no better than random: there is no scale.
    """
    if reference <= random:
        raise ArgumentError(
            f"The reference's {reference} is not above random's {random}. Choose a stronger reference."
        )
    return (value - random) / (reference - random)


@dataclass(frozen=True, slots=True)
class CrossPlay:
    """How agents cooperate with themselves and with each other.

    Attributes:
        own: Mean score of an agent with itself, over agents.
        others: Mean score of two different agents, over pairs.
    """

    own: float
    others: float

    @property
    def gap(self) -> float:
        """What is lost when partners have not trained together."""
        return self.own - self.others


def cross_play(scores: FloatArray) -> CrossPlay:
    """Sum up a cross-play matrix.

    Args:
        scores: Mean joint score of agent i in the first seat with agent j in the second, shape (A, A), A > 1.

    Raises:
        ShapeError: `scores` is no square matrix of two agents or more.
    """
    if scores.ndim != 2 or scores.shape[0] != scores.shape[1] or len(scores) < 2:
        raise ShapeError(f"The scores have shape {scores.shape}. Expected (A, A) with at least two agents.")
    return CrossPlay(
        float(np.diag(scores).mean()), float(scores[~np.eye(len(scores), dtype=np.bool_)].mean())
    )
