"""`Index`: BM25 as Lucene 9 computes it, in numpy."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agentgym.errors import ArgumentError, DataError
from envs.webshop.search import folder as folders
from envs.webshop.search.analysis import terms
from envs.webshop.search.assembling import Allocate, assemble
from envs.webshop.search.counting import Document, Progress, count
from envs.webshop.search.postings import Postings
from envs.webshop.search.scoring import Scorer

__all__ = ["Hit", "Index"]


class Hit(NamedTuple):
    """A document that was found: its id and its score."""

    asin: str
    score: float


class Index:
    """An index of documents that can be searched; threads may share it.

    score(d) = sum over the terms t of the query of  w - w / (1 + tf / (k1 * (1 - b + b * |d| / avg))),
    w = count of t in the query * ln(1 + (N - df + 0.5) / (df + 0.5)),  k1 = 0.9,  b = 0.4

    where |d| is rounded to a byte (see `rounded_length`) and avg is not; each summand is computed in 32 bits
    and the sum in 64. Equal scores are ordered by id. Order and ties are those of Lucene 9 behind Anserini's
    DefaultEnglishAnalyzer, on which WebShop was built.

    References:
        Robertson and Zaragoza 2009, "The probabilistic relevance framework". Deviations: Lucene's.
    """

    def __init__(self, postings: Postings) -> None:
        self._ids, self._ranks = postings.ids, postings.ranks
        self._scorer = Scorer(postings)

    def __len__(self) -> int:
        return len(self._ids)

    @classmethod
    def in_memory(cls, documents: Iterable[Document]) -> Index:
        """Index documents, pairs of an id and a text, without a file.

        Raises:
            DataError: Two documents have one id.
        """
        with tempfile.TemporaryFile() as spill:
            counted = count(documents, spill, jobs=1, progress=None)
            return cls(assemble(counted, lambda _, length, kind: np.empty(length, kind)))

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        folder: str | Path,
        *,
        content: str = "",
        jobs: int = 1,
        progress: Progress | None = None,
    ) -> Index:
        """Index documents in a folder, in place of what it held. Memory does not grow with their texts.

        Args:
            documents: Pairs of an id and a text; read once.
            folder: Where the index will lie.
            content: What the documents are, e.g. a hash of the files they come from; see `cached`.
            jobs: Number of processes; the files are the same whatever it is.
            progress: Told how many documents are done.

        Raises:
            DataError: Two documents have one id.
        """
        place = Path(folder)
        with folders.alone(place):
            _write(place, content, documents, jobs, progress)
        return cls.open(place)

    @classmethod
    def open(cls, folder: str | Path) -> Index:
        """Open the index in a folder. Its files are mapped into memory, once for all processes.

        Raises:
            DataError: The folder holds no index of this version, or a broken one.
        """
        return cls(folders.read(Path(folder))[0])

    @classmethod
    def cached(
        cls,
        folder: str | Path,
        content: str,
        documents: Callable[[], Iterable[Document]],
        *,
        jobs: int = 1,
        progress: Progress | None = None,
    ) -> Index:
        """Open the index of these documents, or build it where there is none yet or only one of others.

        Of several processes that come at once, one builds and the others wait for it.

        Args:
            folder: Where the index lies or will lie.
            content: What the documents are; an index made with another `content` is stale.
            documents: Called where the index must be built.
            jobs: See `build`.
            progress: See `build`.
        """
        place = Path(folder)
        found = _fresh(place, content)
        if found is None:
            with folders.alone(place):
                found = _fresh(place, content)
                if found is None:
                    _write(place, content, documents(), jobs, progress)
        return cls(found or folders.read(place)[0])

    def search(self, text: str, k: int = 50) -> list[Hit]:
        """Find the `k` documents with the greatest scores; fewer where fewer have a term of the query.

        Args:
            text: Any text; markup and control characters part words and mean nothing.
            k: Greatest number of hits.

        Returns:
            The hits, best first.
        """
        if k < 1:
            raise ArgumentError(f"`k` is {k}. It must be at least 1.")
        found, scores = self._scorer.best(Counter(terms(text)), k)
        order = np.lexsort((self._ranks[found], -scores))[:k]
        return [Hit(self._ids[found[i]].decode(), float(scores[i])) for i in order]


def _fresh(folder: Path, content: str) -> Postings | None:
    try:
        postings, found = folders.read(folder)
    except DataError:
        return None
    return postings if found == content else None


def _write(
    folder: Path, content: str, documents: Iterable[Document], jobs: int, progress: Progress | None
) -> None:
    if jobs < 1:
        raise ArgumentError(f"`jobs` is {jobs}. It must be at least 1.")

    def make(allocate: Allocate, workplace: Path) -> Postings:
        with tempfile.TemporaryFile(dir=workplace) as spill:
            return assemble(count(documents, spill, jobs=jobs, progress=progress), allocate)

    folders.write(folder, content, make)
