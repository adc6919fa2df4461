"""Ratings: the strengths that explain best who beat whom (Bradley and Terry), on the scale of Elo."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError, ShapeError
from agentgym.evaluation.intervals import Estimate

__all__ = ["Meeting", "bradley_terry", "rate"]

FloatArray = NDArray[np.float64]

_ELO = 400 / math.log(10)  # Elo points of a factor e in strength
_CLOSE = 1e-10
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Meeting:
    """What two players made of one deal: one game, or one in each seat. It is the unit that is resampled.

    Attributes:
        first: Number of a player.
        second: Number of another.
        points: Games that the first won, a draw counting half.
        games: Games that they played, at least 1.
    """

    first: int
    second: int
    points: float
    games: int


def bradley_terry(points: FloatArray, *, pseudo: float = 0.5) -> FloatArray:
    """Fit strengths so that i beats j with probability s_i / (s_i + s_j).

    Iterates s_i <- W_i / sum_j n_ij / (s_i + s_j), where W_i are the points of i and n_ij the games of i and
    j, which raises the likelihood at every turn and has one fixed point.

    Args:
        points: Points of i against j, a draw counting half, shape (..., A, A); the diagonal is not read.
        pseudo: Added to the points of every player against every other. Above 0 it keeps the strength of a
            player that won or lost everything finite.

    Returns:
        Strengths with geometric mean 1, shape (..., A).

    Raises:
        ShapeError: `points` is no stack of square matrices.
        ArgumentError: `pseudo` is not positive, or a point is negative.

    References:
        Hunter 2004, MM algorithms for generalized Bradley-Terry models, eq. 3. Deviation from the paper:
        the pseudo-count.
    """
    if points.ndim < 2 or points.shape[-1] != points.shape[-2]:
        raise ShapeError(f"`points` has shape {points.shape}. Expected (..., A, A).")
    if pseudo <= 0 or (points < 0).any():
        raise ArgumentError("Points must be at least 0 and `pseudo` above 0: a strength is finite only then.")
    counted = np.where(np.eye(points.shape[-1], dtype=np.bool_), 0.0, points + pseudo)
    games = counted + counted.swapaxes(-1, -2)
    won = counted.sum(axis=-1)
    strength: FloatArray = np.ones_like(won)
    for _ in range(_MOST):
        pairs = strength[..., :, None] + strength[..., None, :]
        new: FloatArray = won / (games / pairs).sum(axis=-1)
        new /= np.exp(np.log(new).mean(axis=-1, keepdims=True))
        moved = np.abs(new / strength - 1).max()
        strength = new
        if moved < _CLOSE:
            break
    return strength


def rate(
    meetings: Sequence[Meeting],
    players: int,
    rng: np.random.Generator,
    *,
    anchor: int = 0,
    draws: int = 1000,
    level: float = 0.95,
) -> list[Estimate]:
    """Rate players from their meetings: Elo points above the anchor, with bootstrap intervals.

    The meetings of each pair are resampled on their own, so that a resample has as many of each pair.

    Args:
        meetings: Who met whom, and what came of it.
        players: Number of players, A, at least 2.
        rng: Source of the resamples.
        anchor: The player whose rating is 0.
        draws: Number of resamples.
        level: Coverage in (0, 1).

    Returns:
        A ratings. The anchor's has no bounds, nor has one that no resample changes: a player that won, or
        lost, every game is better or worse than its number by an amount that nobody can say.

    Raises:
        ArgumentError: There are too few players, or a meeting names another.
    """
    if players < 2 or not 0 <= anchor < players:
        raise ArgumentError(f"{players} players with anchor {anchor} cannot be rated. Pass at least 2.")
    pairs: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for m in meetings:
        if m.first == m.second or not (0 <= m.first < players and 0 <= m.second < players) or m.games < 1:
            raise ArgumentError(f"{m} is no meeting of two among {players} players.")
        pairs.setdefault((m.first, m.second), []).append((m.points, m.games - m.points))
    observed = np.zeros((players, players))
    resampled = np.zeros((draws, players, players))
    for (first, second), results in pairs.items():
        table = np.array(results)
        drawn = table[rng.integers(len(table), size=(draws, len(table)))].sum(axis=1)
        for row, column, side in ((first, second, 0), (second, first, 1)):
            observed[row, column] += table[:, side].sum()
            resampled[:, row, column] += drawn[:, side]
    value, drawn_values = _elo(bradley_terry(observed), anchor), _elo(bradley_terry(resampled), anchor)
    tail = (1 - level) / 2
    low, high = np.quantile(drawn_values, [tail, 1 - tail], axis=0)
    return [
        Estimate(float(v), float(a), float(b)) if b - a > 1e-6 else Estimate(float(v))
        for v, a, b in zip(value, low, high, strict=True)
    ]


def _elo(strength: FloatArray, anchor: int) -> FloatArray:
    rating: FloatArray = _ELO * np.log(strength / strength[..., anchor : anchor + 1])
    return rating
