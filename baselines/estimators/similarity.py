"""Group states that are nearly the same text."""

from __future__ import annotations

from collections import defaultdict
from difflib import SequenceMatcher
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentgym.columns import IntArray
from agentgym.errors import ArgumentError, ShapeError

__all__ = ["cluster_states"]


def cluster_states(texts: NDArray[Any], key: ArrayLike, threshold: float) -> IntArray:
    """Cluster near-equal texts within each group, first fit in row order.

    A text joins the first cluster whose *first* member it resembles: `SequenceMatcher(None, text,
    first).ratio() >= threshold`, automatic junk rule included. Equal texts of a group are compared once.

    Args:
        texts: State texts, shape (N,), str.
        key: Group of each row, shape (N,), str or int.
        threshold: Least ratio, in the open interval (0, 1).

    Returns:
        Cluster labels, shape (N,), int64; clusters of different groups differ.

    Raises:
        ArgumentError: The threshold lies outside (0, 1).
        ShapeError: A state is no text, or the lengths differ.
    """
    if not 0.0 < threshold < 1.0:
        raise ArgumentError(
            f"`similarity` is {threshold}. It must lie between 0 and 1, both excluded, or be None."
        )
    rows, groups = np.asarray(texts, object).tolist(), np.asarray(key).tolist()
    if len(rows) != len(groups) or not all(isinstance(text, str) for text in rows):
        raise ShapeError("Column 'state' must hold one text for each row where `similarity` is used.")
    clusters: defaultdict[Any, list[tuple[int, SequenceMatcher[str]]]] = defaultdict(list)
    known: dict[tuple[Any, str], int] = {}
    founded = 0
    for group, text in zip(groups, rows, strict=True):
        if (group, text) in known:
            continue
        found = next((label for label, first in clusters[group] if _resembles(first, text, threshold)), None)
        if found is None:
            clusters[group].append((founded, SequenceMatcher(None, "", text)))
            found, founded = founded, founded + 1
        known[group, text] = found
    return np.fromiter((known[pair] for pair in zip(groups, rows, strict=True)), np.int64, len(rows))


def _resembles(first: SequenceMatcher[str], text: str, threshold: float) -> bool:
    first.set_seq1(text)  # the matcher keeps its index of the first member; the quick ratios are upper bounds
    quick = first.real_quick_ratio() >= threshold and first.quick_ratio() >= threshold
    return quick and first.ratio() >= threshold
