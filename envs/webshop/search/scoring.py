"""Scores of documents: BM25 with Lucene's arithmetic, and the best k found without scoring all."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from math import log
from typing import Final, NamedTuple

import numpy as np

from envs.webshop.search.postings import Array, Postings, Terms

__all__ = ["Scorer"]

_K1: Final = np.float32(0.9)
_B: Final = np.float32(0.4)
_MOST_TERMS: Final = 1024
"""Lucene refuses queries of more distinct terms; here those that follow are not looked at."""

_COMMON: Final = 1 / 8
"""A term is common that stands in a greater share of the documents."""

_FEW: Final = 1 / 16
"""Up to this many documents for each one in a list, looking them up is quicker than reading the list."""

_BLOCKS_A_HIT: Final = 20
_MARGIN: Final = 1e-6
"""More than all that rounding to 32 bits can do, as a share of the score."""


class _Matches(NamedTuple):
    """The documents that have a term, the kinds of its pairs, and the term's weight: more than it can add."""

    documents: Array
    kinds: Array
    weight: np.float32


class Scorer:
    """Scores the documents of an index; the formula is in the docstring of `Index`."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        self._terms = Terms(postings.letters, postings.ends)
        filled, total = map(int, postings.totals)
        self._filled = filled
        average = np.float32(total / max(1, filled))
        saturation = _K1 * ((np.float32(1) - _B) + _B * postings.lengths.astype(np.float32) / average)
        self._divisors = np.float32(1) + postings.counts.astype(np.float32) * (np.float32(1) / saturation)

    def best(self, query: Mapping[str, int], k: int) -> tuple[Array, Array]:
        """Find documents among which are the best k, equal ones included.

        Rare terms are scored first. Common terms then add little, so only the documents that they can bring
        among the best are looked up in their long lists.

        Args:
            query: How often each term stands in the query.
            k: How many documents are wanted.

        Returns:
            Numbers of the documents, ascending, shape (found,), and their scores, float32.
        """
        matches = [m for term, times in islice(query.items(), _MOST_TERMS) if (m := self._match(term, times))]
        limit = _COMMON * len(self._postings.ids)
        scores = np.zeros(len(self._postings.ids))
        for match in matches:
            if len(match.documents) <= limit:
                self._add(match, scores)
        common = [match for match in matches if len(match.documents) > limit]
        found = _hopeful(scores, k, worth=float(sum(match.weight for match in common)))
        for match in common:
            if found is None or len(found) > _FEW * len(match.documents):
                self._add(match, scores)
            else:
                self._add_to(found, match, scores)
        if found is None:
            found = np.flatnonzero(scores)
        final = scores[found]
        if len(found) > k:
            near = final >= np.partition(final, -k)[-k] * (1 - _MARGIN)
            found, final = found[near], final[near]
        return found, final.astype(np.float32)

    def _add(self, match: _Matches, scores: Array) -> None:
        """Add what a term gives to all documents that have it."""
        scores[match.documents] += self._impacts(match)[match.kinds]

    def _add_to(self, chosen: Array, match: _Matches, scores: Array) -> None:
        """Add what a term gives to those of some documents that have it."""
        places = np.searchsorted(match.documents, chosen)
        places[places == len(match.documents)] = 0
        has = match.documents[places] == chosen
        scores[chosen[has]] += self._impacts(match)[match.kinds[places[has]]]

    def _match(self, term: str, times: int) -> _Matches | None:
        number = self._terms.find(term)
        if number is None:
            return None
        pairs = slice(*self._postings.starts[number : number + 2])
        documents = self._postings.documents[pairs]
        frequency = len(documents)
        rarity = np.float32(log(1 + (self._filled - frequency + 0.5) / (frequency + 0.5)))
        return _Matches(documents, self._postings.kinds[pairs], np.float32(times) * rarity)

    def _impacts(self, match: _Matches) -> Array:
        """Return what the term adds to a score, for each kind of pair."""
        impacts: Array = match.weight - match.weight / self._divisors
        return impacts


def _hopeful(scores: Array, k: int, worth: float) -> Array | None:
    """Return the documents that can be among the best k if each score may still grow by `worth`.

    The k-th best of the greatest scores of blocks bounds the k-th best score from below. None: it bounds
    nothing.
    """
    size = max(1, len(scores) // (_BLOCKS_A_HIT * k))
    blocks = len(scores) // size
    if blocks <= k:
        return None
    tops = scores[: blocks * size].reshape(blocks, size).max(axis=1)
    bound = np.partition(tops, blocks - k)[blocks - k] * (1 - _MARGIN) - worth * (1 + _MARGIN)
    return np.flatnonzero(scores >= bound) if bound > 0 else None
