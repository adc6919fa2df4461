"""From counted terms to the arrays of an index: sorted by term in two passes over the rows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any, Final, TypeAlias

import numpy as np

from agentgym.errors import DataError
from envs.webshop.search.counting import Counted
from envs.webshop.search.postings import Array, Postings

__all__ = ["Allocate", "assemble", "rounded_length"]

Allocate: TypeAlias = Callable[[str, int, Any], Array]
"""Makes an array to be filled: its name in `Postings`, its length and its type."""

_EXACT: Final = 24
"""Lengths below this are kept as they are."""


def rounded_length(length: int) -> int:
    """Round the length of a document as Lucene's SmallFloat does when it keeps it in a byte.

    Exact up to 40; above that, what exceeds 24 keeps its four leading bits.
    """
    excess = length - _EXACT
    shift = max(0, excess.bit_length() - 4) if excess > 0 else 0
    return length if shift == 0 else _EXACT + (excess >> shift << shift)


def assemble(counted: Counted, allocate: Allocate) -> Postings:
    """Make the arrays.

    Args:
        counted: Counts of all documents.
        allocate: Makes the two arrays that grow with the number of pairs.

    Raises:
        DataError: Two documents have one id.
    """
    words = sorted(counted.vocabulary)
    place = np.empty(len(words), np.int32)
    place[[counted.vocabulary[word] for word in words]] = np.arange(len(words), dtype=np.int32)
    lengths, level = np.unique([rounded_length(n) for n in counted.lengths], return_inverse=True)
    levels = max(1, len(lengths))
    starts, most = _measure(counted, place)
    seen = np.zeros((most + 1) * levels, bool)
    for rows in counted.blocks():
        seen[rows[:, 2] * levels + level[rows[:, 1]]] = True
    kinds = np.flatnonzero(seen)
    documents = allocate("documents", int(starts[-1]), np.int32)
    kind_of = allocate("kinds", int(starts[-1]), np.uint16 if len(kinds) <= 1 << 16 else np.uint32)
    number = np.cumsum(seen) - 1
    cursor = starts[:-1].copy()
    for rows in counted.blocks():
        target = _targets(place[rows[:, 0]], cursor)
        documents[target] = rows[:, 1]
        kind_of[target] = number[rows[:, 2] * levels + level[rows[:, 1]]]
    letters = [word.encode("utf-8", "surrogatepass") for word in words]
    ids, ranks = _order(counted.ids)
    return Postings(
        ids=ids,
        ranks=ranks,
        letters=np.frombuffer(b"".join(letters), np.uint8),
        ends=np.fromiter(accumulate(map(len, letters)), np.int64, len(letters)),
        starts=starts,
        documents=documents,
        kinds=kind_of,
        counts=(kinds // levels).astype(np.int32),
        lengths=lengths[kinds % levels].astype(np.int32) if len(lengths) else lengths.astype(np.int32),
        totals=np.array([np.count_nonzero(counted.lengths), sum(counted.lengths)], np.int64),
    )


def _measure(counted: Counted, place: Array) -> tuple[Array, int]:
    """Find where the pairs of each term start, and the greatest count."""
    sizes, most = np.zeros(len(place), np.int64), 0
    for rows in counted.blocks():
        sizes += np.bincount(place[rows[:, 0]], minlength=len(place))
        most = max(most, int(rows[:, 2].max()))
    return np.concatenate(([0], np.cumsum(sizes))), most


def _targets(terms: Array, cursor: Array) -> Array:
    """Say where each row goes, behind the earlier rows of its term, and move the cursors on."""
    order = np.argsort(terms, kind="stable")
    ordered = terms[order]
    firsts = np.flatnonzero(np.diff(ordered, prepend=-1))
    sizes = np.diff(firsts, append=len(ordered))
    targets = np.empty(len(terms), np.int64)
    targets[order] = np.arange(len(terms)) + np.repeat(cursor[ordered[firsts]] - firsts, sizes)
    cursor[ordered[firsts]] += sizes
    return targets


def _order(names: list[bytes]) -> tuple[Array, Array]:
    ids = np.array(names, dtype=np.bytes_) if names else np.empty(0, "S1")
    order = np.argsort(ids, kind="stable")
    twice = np.flatnonzero(ids[order][1:] == ids[order][:-1])
    if len(twice):
        raise DataError(f"Two documents have the id {ids[order][twice[0]].decode()!r}. Give each its own.")
    ranks = np.empty(len(ids), np.int32)
    ranks[order] = np.arange(len(ids), dtype=np.int32)
    return ids, ranks
