"""What estimators are made of: group statistics here, and everything else by one name to import from.

Labels, first and last rows are in `labels`, whitening, steps to tokens and back in `tokens`, recursions over
time in `recursions`, near-equal states in `similarity`, trees in `trees`, numbers
of episodes in `budgets`; all are re-exported here.
Everything is float64 and free of loops over rows. Two rules (in `tolerance`) keep rounding noise out of the
results. A group (of two or more) whose values agree to 1e-9 has a standard deviation of exactly 0, and
normalises to exactly 0. A deviation from the mean below 1e-9 is exactly 0. Array axes: N rows (steps).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray
from agentgym.errors import ArgumentError, ShapeError
from baselines.estimators.budgets import aepo_budget, knapsack_allocation, knapsack_value, topk_entropy
from baselines.estimators.labels import bounded, codes, first_rows, last_rows, pair, previous_rows, time_order
from baselines.estimators.ratios import SeeupoRatio, seeupo_ratio
from baselines.estimators.recursions import backward_scan, return_to_go, segment_gae
from baselines.estimators.schedules import epo_weight
from baselines.estimators.similarity import cluster_states
from baselines.estimators.tokens import (
    broadcast,
    last_tokens,
    masked_whiten,
    on_last_tokens,
    token_count,
    token_mean,
    token_sum,
    whiten,
)
from baselines.estimators.tolerance import TOLERANCE, all_equal, deviation
from baselines.estimators.trees import node_depth, tree_values

__all__ = [
    "TOLERANCE",
    "GroupStats",
    "Norm",
    "Over",
    "SeeupoRatio",
    "Single",
    "aepo_budget",
    "all_equal",
    "backward_scan",
    "bounded",
    "broadcast",
    "choice",
    "cluster_states",
    "codes",
    "deviation",
    "epo_weight",
    "first_rows",
    "group_norm",
    "group_stats",
    "knapsack_allocation",
    "knapsack_value",
    "last_rows",
    "last_tokens",
    "leave_one_out",
    "masked_whiten",
    "node_depth",
    "on_last_tokens",
    "pair",
    "previous_rows",
    "return_to_go",
    "scored_rows",
    "seeupo_ratio",
    "segment_gae",
    "time_order",
    "token_count",
    "token_mean",
    "token_sum",
    "topk_entropy",
    "tree_values",
    "whiten",
]

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
    values, group = np.asarray(x, np.float64), bounded(key)
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
    same = all_equal(low, high) & (n > 0)
    mean[same] = high[same]
    squares = np.bincount(members, (counted - mean[members]) ** 2, size)
    std = np.where(same | (n <= ddof), 0.0, np.sqrt(squares / np.maximum(n - ddof, 1)))
    return GroupStats(n[group], mean[group], std[group])


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
    centred = deviation(values, stats.mean)
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
    return np.where(n <= 1, values, deviation(values, mean) * n / np.maximum(n - 1, 1))
