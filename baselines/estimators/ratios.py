"""The running ratio of SeeUPO: how far the policy has moved at a step since it was sampled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError, ShapeError

__all__ = ["SeeupoRatio", "seeupo_ratio"]


class SeeupoRatio(NamedTuple):
    """Running ratios.

    Attributes:
        step: Ratio of each step after the last update, shape (N,), float64; a turn's advantages are
            multiplied by the ratio as it was before the turn's own update.
        per_turn: Ratio of each step after each update, shape (U, N), float64.
    """

    step: FloatArray
    per_turn: FloatArray


def seeupo_ratio(
    old_logprob: ArrayLike,
    new_logprob_per_turn: ArrayLike,
    token_offsets: ArrayLike,
    clip: float = 0.2,
    ratio: ArrayLike | None = None,
) -> SeeupoRatio:
    """Multiply up the policy ratio of each step while its later turns are updated one after the other.

    M <- clip(M * clip(exp(clip(mean_t (new - old), -10, 10)), 1 - c, 1 + c), 1 - c, 1 + c), once for each
    update, the last turn of an episode first; a step without tokens has ratio 1.

    Args:
        old_logprob: Log-probabilities under the sampling policy, shape (T,).
        new_logprob_per_turn: Log-probabilities after each of U updates, shape (U, T).
        token_offsets: Tokens of step i are `token_offsets[i]:token_offsets[i + 1]`, shape (N+1,).
        clip: Half the width of the range around 1, c.
        ratio: M before the first update, shape (N,); 1 if None.

    Raises:
        ArgumentError: `clip` is negative.
        ShapeError: The log-probabilities differ in length or the offsets do not end with them.

    References:
        Hu et al. 2026, SeeUPO, sequential updates in reverse order, https://arxiv.org/abs/2602.06554; the
        rule is that of the released code. Deviation from the paper: the inner and outer clips, as released.
    """
    if clip < 0:
        raise ArgumentError(f"`clip` is {clip}. It must be at least 0. Pass clip=0.2 or leave it out.")
    old, new = np.asarray(old_logprob, np.float64), np.asarray(new_logprob_per_turn, np.float64)
    offsets = np.asarray(token_offsets, np.int64)
    if new.ndim != 2 or new.shape[1:] != old.shape or offsets[-1] != len(old):
        raise ShapeError(
            f"Old and new log-probabilities have shapes {old.shape} and {new.shape}, and offsets end at "
            f"{offsets[-1]}. Expected (T,), (U, T) and T."
        )
    filled = np.flatnonzero(np.diff(offsets))
    change = np.zeros((len(new), len(offsets) - 1))
    if filled.size:
        change[:, filled] = np.add.reduceat(new - old, offsets[filled], axis=1) / np.diff(offsets)[filled]
    moved = np.clip(np.exp(np.clip(change, -10.0, 10.0)), 1 - clip, 1 + clip)
    running = np.ones(moved.shape[1]) if ratio is None else np.asarray(ratio, np.float64)
    per_turn = np.empty_like(moved)
    for turn, factor in enumerate(moved):
        running = per_turn[turn] = np.clip(running * factor, 1 - clip, 1 + clip)
    return SeeupoRatio(running, per_turn)
