"""From steps to tokens and back, and whitening. Untrained tokens never count and get 0.

A batch without `token_mask` takes shorter ways: no mask is built and nothing is copied to select by it. Array
axes: N rows (steps), T tokens.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray, IntArray
from agentgym.errors import ArgumentError, ShapeError
from baselines.estimators.tolerance import all_equal

__all__ = [
    "broadcast",
    "last_tokens",
    "masked_whiten",
    "on_last_tokens",
    "token_count",
    "token_mean",
    "token_sum",
    "whiten",
]


def whiten(x: ArrayLike, mask: ArrayLike | None = None, *, shift: bool = True) -> FloatArray:
    """Standardise the values under a mask; 0 elsewhere.

    (x - mu) / sqrt(v + 1e-8) with M = sum m, mu = sum(x m) / (M + 1e-8) and
    v = sum((x - mu)^2 m) / (M + 1e-8) * M / (M - 1).

    Args:
        x: Values, shape (T,) or (N,), float64.
        mask: Values that count, same shape, bool; all if None.
        shift: Whether the mean is taken away; False adds it back.

    Raises:
        ArgumentError: Fewer than two values count.
        ShapeError: The mask has another shape.

    References:
        `masked_whiten` of verl. Deviation: values that all agree (to 1e-9) give exactly 0, or exactly their
        mean without `shift`, where verl gives them times 1e-4 / M.
    """
    values = np.asarray(x, np.float64)
    if mask is None:
        return _standardised(values, shift)
    counted = np.asarray(mask, np.bool_)
    if counted.shape != values.shape:
        raise ShapeError(
            f"The values have shape {values.shape} and the mask {counted.shape}. Expected equal ones."
        )
    result = np.zeros(values.shape)
    result[counted] = _standardised(values[counted], shift)
    return result


def _standardised(values: FloatArray, shift: bool) -> FloatArray:
    total = len(values)
    if total < 2:
        raise ArgumentError(f"Whitening needs at least 2 values and has {total}. Use a larger batch.")
    mean = float(values.sum()) / (total + 1e-8)
    if all_equal(values.min(), values.max()):
        centred = np.zeros(total)
    else:
        centred = values - mean
        variance = float(centred @ centred) / (total + 1e-8) * total / (total - 1)
        centred /= np.sqrt(variance + 1e-8)
    if not shift:
        centred += mean
    return centred


def masked_whiten(x_token: ArrayLike, token_mask: ArrayLike, shift: bool = True) -> FloatArray:
    """Standardise token values under a mask: `whiten` by its name in verl."""
    return whiten(x_token, token_mask, shift=shift)


def broadcast(step_values: ArrayLike, batch: StepBatch) -> FloatArray:
    """Give each trained token its step's value and the others 0: shape (N,) to (T,)."""
    token = np.repeat(np.asarray(step_values, np.float64), np.diff(batch.token_offsets))
    if batch.token_mask is not None:
        token[~batch.token_mask] = 0.0
    return token


def token_sum(values: ArrayLike, batch: StepBatch) -> FloatArray:
    """Sum token values over each step's trained tokens: shape (T,) to (N,)."""
    token = np.asarray(values, np.float64)
    kept = token if batch.token_mask is None else np.where(batch.token_mask, token, 0.0)
    result, filled = np.zeros(len(batch)), np.flatnonzero(np.diff(batch.token_offsets))
    if filled.size:
        result[filled] = np.add.reduceat(kept, batch.token_offsets[filled])
    return result


def token_count(batch: StepBatch) -> FloatArray:
    """Count each step's trained tokens, shape (N,), float64."""
    if batch.token_mask is None:
        return np.diff(batch.token_offsets).astype(np.float64)
    return token_sum(batch.token_mask, batch)


def token_mean(values: ArrayLike, batch: StepBatch) -> FloatArray:
    """Average token values over each step's trained tokens, 0 if it has none: shape (T,) to (N,)."""
    return token_sum(values, batch) / np.maximum(token_count(batch), 1.0)


def last_tokens(batch: StepBatch) -> tuple[IntArray, IntArray]:
    """Find each step's last trained token.

    Returns:
        The tokens' positions and their steps' rows, one pair for each step that has a trained token.
    """
    if batch.token_mask is None:
        rows = np.flatnonzero(np.diff(batch.token_offsets))
        return batch.token_offsets[rows + 1] - 1, rows
    trained = np.flatnonzero(batch.token_mask)
    row = np.searchsorted(batch.token_offsets, trained, side="right") - 1
    final = np.append(row[1:] != row[:-1], True)[: len(row)]
    return trained[final], row[final]


def on_last_tokens(step_values: ArrayLike, batch: StepBatch) -> FloatArray:
    """Put each step's value on its last trained token and 0 on the others: shape (N,) to (T,).

    A step without trained tokens adds its value to the last trained token before it in the episode, so that
    no reward is lost; only where none was written before is there nobody to credit.
    """
    values, (last, rows) = np.asarray(step_values, np.float64), last_tokens(batch)
    if len(rows) == len(batch):
        token = np.zeros(batch.tokens)
        token[last] = values
        return token
    carrier = np.full(len(batch), -1)
    carrier[rows] = last
    order = np.argsort(batch.episode, kind="stable")
    latest = np.maximum.accumulate(np.where(carrier[order] >= 0, np.arange(len(order)), -1))
    known = (latest >= 0) & (batch.episode[order[latest]] == batch.episode[order])
    sums = np.bincount(carrier[order[latest[known]]], values[order[known]], batch.tokens)
    return sums.astype(np.float64)
