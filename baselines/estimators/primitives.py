"""What estimators are made of: group statistics, first and last rows, whitening, steps to tokens and back.

Everything is float64 and free of loops over rows. Two rules keep rounding noise out of the results. A group
(of two or more) whose values agree to 1e-9 has a standard deviation of exactly 0, and normalises to exactly
0. A deviation from the mean below 1e-9 is exactly 0. Recursions over time are in `recursions`, near-equal
states in `similarity`; both are re-exported here. Array axes: N rows (steps), T tokens.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray, intern_labels
from agentgym.errors import ArgumentError, ShapeError
from baselines.estimators.recursions import backward_scan, return_to_go, segment_gae
from baselines.estimators.similarity import cluster_states

__all__ = [
    "TOLERANCE",
    "GroupStats",
    "Norm",
    "Over",
    "Single",
    "backward_scan",
    "broadcast",
    "choice",
    "cluster_states",
    "codes",
    "first_rows",
    "group_norm",
    "group_stats",
    "last_rows",
    "leave_one_out",
    "masked_whiten",
    "return_to_go",
    "scored_rows",
    "segment_gae",
    "token_mean",
    "token_sum",
    "whiten",
]

TOLERANCE = 1e-9
"""Relative difference, with a scale of at least 1, below which two values count as equal."""

Norm: TypeAlias = Literal["mean_std", "mean", "none"]
Over: TypeAlias = Literal["episodes", "steps"]
Single: TypeAlias = Literal["raw", "zero"]


class GroupStats(NamedTuple):
    """Statistics of each row's group, aligned to the rows.

    Attributes:
        n: Number of rows counted in the group, shape (N,), int64.
        mean: Their mean; the common value where they agree; 0 where none is counted, shape (N,).
        std: Their standard deviation; exactly 0 where they agree or n <= ddof, shape (N,).
    """

    n: IntArray
    mean: FloatArray
    std: FloatArray


def choice(name: str, value: object, allowed: Any) -> None:
    """Check a keyword with a closed set of values.

    Args:
        name: The keyword.
        value: What was passed.
        allowed: The `Literal` type that lists the values.

    Raises:
        ArgumentError: The value is none of them.
    """
    known = get_args(allowed)
    if value not in known:
        raise ArgumentError(f"`{name}` is {value!r}. Expected one of {', '.join(map(repr, known))}.")


def codes(*keys: ArrayLike) -> IntArray:
    """Number tuples of keys, in order of first appearance.

    Args:
        keys: One or more columns of labels (str or int), each of shape (N,).

    Returns:
        Labels 0, 1, ..., shape (N,), int64: equal where all keys are equal.

    Raises:
        ShapeError: No key was given, or the keys differ in length.
    """
    if not keys:
        raise ShapeError("`codes` needs at least one column of keys.")
    dense = [_dense(np.asarray(key)) for key in keys]
    if len({column.shape for column in dense}) > 1:
        raise ShapeError(
            f"The columns of keys have shapes {[column.shape for column in dense]}. Expected equal ones."
        )
    label = dense[0]
    for column in dense[1:]:
        label = _dense(label * (int(column.max(initial=0)) + 1) + column)
    return label


def _dense(key: NDArray[Any]) -> IntArray:
    if key.dtype.kind not in "iub":
        return intern_labels(key)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def first_rows(episode: ArrayLike) -> BoolArray:
    """Mark the first row of each episode, shape (N,)."""
    labels = np.asarray(episode)
    mask = np.zeros(len(labels), np.bool_)
    mask[np.unique(labels, return_index=True)[1]] = True
    return mask


def last_rows(episode: ArrayLike) -> BoolArray:
    """Mark the last row of each episode, shape (N,)."""
    return first_rows(np.asarray(episode)[::-1])[::-1]


def scored_rows(batch: StepBatch, over: Over) -> BoolArray | None:
    """Rows that group statistics count: one per episode (its first), or every step (None).

    Raises:
        ArgumentError: `over` is neither "episodes" nor "steps".
    """
    choice("over", over, Over)
    return first_rows(batch.episode) if over == "episodes" else None


def group_stats(x: ArrayLike, key: ArrayLike, where: BoolArray | None = None, *, ddof: int = 1) -> GroupStats:
    """Count, mean and standard deviation of each row's group.

    std = sqrt(sum_g (x - mean_g)^2 / (n_g - ddof)), over the rows in `where`.

    Args:
        x: Values, shape (N,), float64.
        key: Group of each row, shape (N,), str or int.
        where: Rows that count, shape (N,), bool; all if None.
        ddof: Degrees of freedom taken off.
    """
    values, group = np.asarray(x, np.float64), codes(key)
    if values.shape != group.shape:
        raise ShapeError(
            f"The values have shape {values.shape} and the keys {group.shape}. Expected equal ones."
        )
    counted, members = (values, group) if where is None else (values[where], group[where])
    size = int(group.max(initial=-1)) + 1
    n = np.bincount(members, minlength=size)
    mean = np.bincount(members, counted, size) / np.maximum(n, 1)
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, members, counted)
    np.maximum.at(high, members, counted)
    same = (n > 0) & (high - low <= TOLERANCE * np.maximum(1.0, np.abs(high)))
    mean[same] = high[same]
    squares = np.bincount(members, (counted - mean[members]) ** 2, size)
    std = np.where(same | (n <= ddof), 0.0, np.sqrt(squares / np.maximum(n - ddof, 1)))
    return GroupStats(n[group], mean[group], std[group])


def _deviation(values: FloatArray, mean: FloatArray) -> FloatArray:
    deviation = values - mean
    return np.where(np.abs(deviation) <= TOLERANCE * np.maximum(1.0, np.abs(values)), 0.0, deviation)


def group_norm(
    x: ArrayLike,
    key: ArrayLike,
    norm: Norm = "mean_std",
    where: BoolArray | None = None,
    *,
    ddof: int = 1,
    eps: float = 1e-6,
    single: Single = "raw",
) -> FloatArray:
    """Centre and scale values within their groups.

    mean_std: (x - mean_g) / (std_g + eps). mean: x - mean_g. none: x.

    Args:
        x: Values, shape (N,), float64.
        key: Group of each row, shape (N,), str or int.
        norm: "mean_std", "mean" or "none".
        where: Rows that the statistics count, shape (N,), bool; all if None. Every row is normalised.
        ddof: Degrees of freedom taken off the deviation.
        eps: Added to the deviation, outside the root.
        single: A group of one row (under mean_std also one of n <= ddof): "raw" uses mean 0 and deviation 1,
            "zero" gives 0.

    Returns:
        Shape (N,), float64. Under mean_std exactly 0 in a group without variance.
    """
    choice("norm", norm, Norm)
    choice("single", single, Single)
    values = np.asarray(x, np.float64)
    if norm == "none":
        return values.copy()
    stats = group_stats(values, key, where, ddof=ddof)
    alone = stats.n <= (max(1, ddof) if norm == "mean_std" else 1)
    centred = _deviation(values, stats.mean)
    if norm == "mean_std":
        centred = np.where(stats.std > 0, centred / (np.where(stats.std > 0, stats.std, 1.0) + eps), 0.0)
        values = values / (1.0 + eps)
    return np.where(alone, values if single == "raw" else 0.0, centred)


def leave_one_out(x: ArrayLike, key: ArrayLike, where: BoolArray | None = None) -> FloatArray:
    """Subtract from each value the mean of the others in its group.

    (x - mean_g) * n_g / (n_g - 1), which is that where every row counts; a group of one keeps x.

    Args:
        x: Values, shape (N,), float64.
        key: Group of each row, shape (N,), str or int.
        where: Rows that the mean counts, shape (N,), bool; all if None.
    """
    values = np.asarray(x, np.float64)
    n, mean, _ = group_stats(values, key, where)
    return np.where(n <= 1, values, _deviation(values, mean) * n / np.maximum(n - 1, 1))


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

    References:
        `masked_whiten` of verl. Deviation: values that all agree (to 1e-9) give exactly 0, or exactly their
        mean without `shift`, where verl gives them times 1e-4 / M.
    """
    values = np.asarray(x, np.float64)
    counted = np.ones(values.shape, np.bool_) if mask is None else np.asarray(mask, np.bool_)
    if counted.shape != values.shape:
        raise ShapeError(
            f"The values have shape {values.shape} and the mask {counted.shape}. Expected equal ones."
        )
    chosen, total = values[counted], int(counted.sum())
    if total < 2:
        raise ArgumentError(f"Whitening needs at least 2 values and has {total}. Use a larger batch.")
    result = np.zeros(values.shape)
    mean = chosen.sum() / (total + 1e-8)
    if np.ptp(chosen) > TOLERANCE * max(1.0, abs(chosen.max())):
        variance = ((chosen - mean) ** 2).sum() / (total + 1e-8) * total / (total - 1)
        result[counted] = (chosen - mean) / np.sqrt(variance + 1e-8)
    result[counted] += 0.0 if shift else mean
    return result


def masked_whiten(x_token: ArrayLike, token_mask: ArrayLike, shift: bool = True) -> FloatArray:
    """Standardise token values under a mask: `whiten` by its name in verl."""
    return whiten(x_token, token_mask, shift=shift)


def broadcast(step_values: ArrayLike, batch: StepBatch) -> FloatArray:
    """Give each trained token its step's value and the others 0: shape (N,) to (T,)."""
    return np.where(batch.trained, np.asarray(step_values, np.float64)[batch.token_row], 0.0)


def token_sum(values: ArrayLike, batch: StepBatch) -> FloatArray:
    """Sum token values over each step's trained tokens: shape (T,) to (N,)."""
    kept = np.where(batch.trained, np.asarray(values, np.float64), 0.0)
    return np.bincount(batch.token_row, kept, len(batch)).astype(np.float64)


def token_mean(values: ArrayLike, batch: StepBatch) -> FloatArray:
    """Average token values over each step's trained tokens, 0 if it has none: shape (T,) to (N,)."""
    return token_sum(values, batch) / np.maximum(token_sum(np.ones(batch.tokens), batch), 1.0)
