"""`Postings`: which term stands in which document how often, as arrays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, overload

import numpy.typing as npt

from agentgym.errors import DataError

__all__ = ["Array", "Postings", "Terms"]

Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True)
class Postings:
    """The arrays of an index: D documents, T terms, P pairs of a term and a document that has it, K kinds.

    A kind is a number of occurrences together with a rounded length of a document. There are few, so each
    pair names its kind, and what a score takes is computed once a kind.

    Attributes:
        ids: Ids of the documents as bytes, shape (D,).
        ranks: Place of each document in the order of ids, shape (D,).
        letters: All terms in UTF-8, ascending, one after the other, shape (bytes,).
        ends: Where each term ends in `letters`, shape (T,).
        starts: Where the pairs of each term start, and where the last ones end, shape (T + 1,).
        documents: Documents of the pairs, ascending within each term, shape (P,).
        kinds: Kinds of the pairs, shape (P,).
        counts: Number of occurrences of each kind, shape (K,).
        lengths: Rounded length of each kind, in terms, shape (K,).
        totals: How many documents have a term at all, and how many terms all have together, shape (2,).
    """

    ids: Array
    ranks: Array
    letters: Array
    ends: Array
    starts: Array
    documents: Array
    kinds: Array
    counts: Array
    lengths: Array
    totals: Array

    def check(self) -> None:
        """Compare the shapes.

        Raises:
            DataError: The arrays do not fit together.
        """
        pairs = {
            "ranks and ids": (len(self.ranks), len(self.ids)),
            "starts and ends": (len(self.starts), len(self.ends) + 1),
            "kinds and documents": (len(self.kinds), len(self.documents)),
            "lengths and counts": (len(self.lengths), len(self.counts)),
            "letters and ends": (len(self.letters), int(self.ends[-1]) if len(self.ends) else 0),
            "documents and starts": (len(self.documents), int(self.starts[-1])),
            "totals and two": (len(self.totals), 2),
        }
        for name, (one, other) in pairs.items():
            if one != other:
                raise DataError(f"the lengths of {name} do not fit: {one} and {other}")


@dataclass(frozen=True)
class Terms(Sequence[bytes]):
    """The terms of an index in order, read from its arrays one by one: opening it loads none."""

    letters: Array
    ends: Array

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[bytes, ...]: ...
    def __getitem__(self, index: int | slice) -> bytes | tuple[bytes, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(len(self))[index])
        start = self.ends[index - 1] if index else 0
        return self.letters[start : self.ends[index]].tobytes()

    def find(self, term: str) -> int | None:
        """Return the number of a term; None where no document has it."""
        letters = term.encode("utf-8", "surrogatepass")
        number = bisect_left(self, letters)
        return number if number < len(self) and self[number] == letters else None
