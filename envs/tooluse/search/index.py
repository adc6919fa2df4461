"""BM25 over a corpus: scores by bm25s, ties in the order of the corpus, and a cache on disk."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from agentgym.errors import require
from agentgym.files import cache_folder
from envs.tooluse.search.corpus import Corpus, JsonlCorpus

__all__ = ["Bm25Index", "cached_index"]

_VERSION = 1
"""Part of the name of a cached index: raise it when text is cut into words otherwise."""


class Bm25Index:
    """Finds documents by their words (BM25 as Lucene computes it, k1 = 1.5, b = 0.75).

    Args:
        scorer: A `bm25s.BM25`.
    """

    def __init__(self, scorer: Any) -> None:
        self._scorer = scorer

    @classmethod
    def build(cls, corpus: Corpus) -> Bm25Index:
        """Index a corpus.

        Raises:
            MissingExtraError: bm25s is not installed.
        """
        scorer = _bm25s().BM25()
        scorer.index(
            _bm25s().tokenize([d.contents for d in corpus], show_progress=False), show_progress=False
        )
        return cls(scorer)

    def search(self, query: str, count: int) -> list[int]:
        """Return the positions of the best documents that share a word with the query, the best first.

        Documents of one score stand in the order of the corpus, so that every machine gives the same list.
        """
        words = _bm25s().tokenize(query, return_ids=False, show_progress=False)[0]
        known = self._scorer.get_tokens_ids(words)
        if not known:
            return []
        scores = self._scorer.get_scores_from_ids(known)
        least = np.partition(scores, -count)[-count] if count < len(scores) else 0.0
        found = np.flatnonzero((scores >= least) & (scores > 0))
        best = found[np.lexsort((found, -scores[found]))][:count]
        return [int(position) for position in best]

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        self._scorer.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> Bm25Index:
        """Read an index; the numbers stay on disk until they are used."""
        return cls(_bm25s().BM25.load(str(folder), mmap=True, show_progress=False))


def cached_index(corpus: JsonlCorpus) -> Bm25Index:
    """Load the index of a corpus from the cache, or build it and put it there whole."""
    folder = cache_folder("search") / f"{corpus.digest}-{_VERSION}"
    with contextlib.suppress(OSError, ValueError, KeyError):
        return Bm25Index.load(folder)
    index = Bm25Index.build(corpus)
    with contextlib.suppress(OSError):  # a cache that cannot be written to is no fault
        _place(index, folder)
    return index


def _place(index: Bm25Index, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder.parent))
    try:
        index.save(partial)
        shutil.rmtree(folder, ignore_errors=True)  # what is there could not be read
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _bm25s() -> Any:
    return require("bm25s", extra="tooluse", who="agentgym/SearchQA-v0")
