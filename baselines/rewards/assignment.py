"""Which predicted call goes with which expected one, from a matrix of similarities.

Array axes: P predictions, R references.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import FloatArray, IntArray
from agentgym.errors import ArgumentError, ShapeError

__all__ = ["Matching", "match_assignment", "transport_plan"]

Matching: TypeAlias = Literal["optimal", "greedy", "transport"]
_TIE = 1e-9
"""Total similarities closer than this are equal."""


def match_assignment(similarity: ArrayLike, *, matching: Matching = "optimal") -> IntArray:
    """Pair predictions with references, each at most once.

    optimal: the pairs of greatest total similarity. greedy: the most similar pair first, then the most
    similar of what is left. Pairs of similarity 0 are never made. Ties go to lower numbers.

    Args:
        similarity: Shape (P, R), float64, 0 or more.
        matching: "optimal" (the paper's) or "greedy" (the released code's).

    Returns:
        Reference of each prediction, -1 where it has none, shape (P,), int64.

    Raises:
        ArgumentError: The matching is neither of the two, or a similarity is negative or not finite.
        ShapeError: The similarities are no matrix.

    References:
        MatchTIR, `tool.py` of the released code for "greedy". "optimal" solves the assignment by shortest
        augmenting paths (Kuhn 1955, Munkres 1957).
    """
    table = checked_similarity(similarity)
    if matching not in ("optimal", "greedy"):
        raise ArgumentError(f"`matching` is {matching!r}. Expected 'optimal' or 'greedy'.")
    reference = _greedy(table) if matching == "greedy" else _optimal(table)
    paired = np.flatnonzero(reference >= 0)
    reference[paired[table[paired, reference[paired]] <= 0]] = -1
    return reference


def checked_similarity(similarity: ArrayLike) -> FloatArray:
    """Take similarities in as a matrix of shape (P, R); no predictions and no references are allowed."""
    table = np.asarray(similarity, np.float64)
    if table.size == 0:
        return table.reshape(len(table), 0)
    if table.ndim != 2:
        raise ShapeError(f"`similarity` has shape {table.shape}. Expected (predictions, references).")
    if not (np.isfinite(table).all() and (table >= 0).all()):
        raise ArgumentError("`similarity` holds negative numbers or NaN. Expected numbers of 0 or more.")
    return table


def check_matching(matching: Matching) -> None:
    """Check the keyword `matching`."""
    if matching not in get_args(Matching):
        known = ", ".join(map(repr, get_args(Matching)))
        raise ArgumentError(f"`matching` is {matching!r}. Expected one of {known}.")


def transport_plan(similarity: ArrayLike, *, regularisation: float = 0.1, rounds: int = 1000) -> FloatArray:
    """Spread each prediction over the references: entropic optimal transport by Sinkhorn's iteration.

    T minimises sum T * (-similarity) - regularisation * entropy(T), with uniform marginals 1/P and 1/R.

    Args:
        similarity: Shape (P, R), float64, 0 or more.
        regularisation: Weight of the entropy, above 0.
        rounds: Most iterations; they stop once the marginals agree to 1e-12.

    Returns:
        T, shape (P, R), its sum 1.

    Raises:
        ArgumentError: `regularisation` is not above 0.

    References:
        Cuturi 2013, https://arxiv.org/abs/1306.0895; in logarithms, which no similarity can overflow.
    """
    table = checked_similarity(similarity)
    if regularisation <= 0:
        raise ArgumentError(f"`regularisation` is {regularisation}. It must be above 0.")
    if table.size == 0:
        return np.zeros(table.shape)
    kernel = table / regularisation
    rows, columns = (np.full(n, -np.log(n)) for n in table.shape)
    row, column = np.zeros(len(rows)), np.zeros(len(columns))
    for _ in range(rounds):
        row = rows - np.logaddexp.reduce(kernel + column, axis=1)
        column = columns - np.logaddexp.reduce(kernel + row[:, None], axis=0)
        plan: FloatArray = np.exp(kernel + row[:, None] + column)
        if np.abs(plan.sum(axis=1) - np.exp(rows)).max() < 1e-12:
            break
    return plan


def _greedy(similarity: FloatArray) -> IntArray:
    reference = np.full(len(similarity), -1)
    free = np.ones(similarity.shape[1], np.bool_)
    order = np.argsort(-similarity, axis=None, kind="stable")
    for prediction, other in zip(*np.unravel_index(order, similarity.shape), strict=True):
        if reference[prediction] < 0 and free[other]:
            reference[prediction], free[other] = other, False
    return reference


def _optimal(similarity: FloatArray) -> IntArray:
    """Greatest total similarity; a small rising cost makes earlier predictions take lower references."""
    predictions, references = similarity.shape
    reference = np.full(predictions, -1)
    if not similarity.size:
        return reference
    size = max(predictions, references)
    rising = np.outer(np.arange(predictions, 0, -1), np.arange(-references, 0)) / size**3
    cost = _TIE * rising - similarity
    if predictions <= references:
        return _shortest_paths(cost)
    reference[_shortest_paths(cost.T)] = np.arange(references)
    return reference


def _shortest_paths(cost: FloatArray) -> IntArray:
    """Column of each row in the assignment of least cost, for at most as many rows as columns.

    Each row in turn looks for the shortest path to a free column, through columns whose rows move on. The
    cost is that of rows^2 * columns.
    """
    rows, columns = cost.shape
    row_of = np.full(columns + 1, -1)  # of each column; the last column is where a new row starts from
    of_row, of_column = np.zeros(rows), np.zeros(columns + 1)
    for new in range(rows):
        row_of[columns], at = new, columns
        reach, came, done = np.full(columns, np.inf), np.full(columns, -1), np.zeros(columns + 1, np.bool_)
        while row_of[at] >= 0:
            done[at], row = True, row_of[at]
            ahead = cost[row] - of_row[row] - of_column[:columns]
            nearer = ~done[:columns] & (ahead < reach)
            reach[nearer], came[nearer] = ahead[nearer], at
            nearest = int(np.argmin(np.where(done[:columns], np.inf, reach)))
            step = reach[nearest]
            of_row[row_of[done]] += step
            of_column[done] -= step
            reach[~done[:columns]] -= step
            at = nearest
        while at != columns:
            row_of[at], at = row_of[came[at]], came[at]
    column_of = np.empty(rows, np.int64)
    taken = np.flatnonzero(row_of[:columns] >= 0)
    column_of[row_of[taken]] = taken
    return column_of
