"""Counting terms: documents come in, rows (term, document, count) come out, in bounded memory."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from typing import IO, Final, NamedTuple, TypeAlias

import numpy as np

from envs.webshop.search.analysis import terms
from envs.webshop.search.postings import Array

__all__ = ["Counted", "Document", "Progress", "count"]

Document: TypeAlias = tuple[str, str]
"""An id and a text."""

Progress: TypeAlias = Callable[[int], None]
"""Told how many documents are done."""

_CHUNK: Final = 4096  # documents
_BLOCK: Final = 1 << 20  # rows


class _Chunk(NamedTuple):
    """Counts of some documents: their terms, rows with numbers of these, and the documents' lengths."""

    terms: list[str]
    rows: Array
    lengths: list[int]


@dataclass
class Counted:
    """Counts of all documents.

    Attributes:
        rows: Where the rows lie, three int32 numbers each, in the order of documents.
        ids: Ids of the documents.
        lengths: Number of terms of each document.
        vocabulary: Number of each term, by first appearance.
    """

    rows: IO[bytes]
    ids: list[bytes] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    vocabulary: dict[str, int] = field(default_factory=lambda: _numbering())

    def add(self, ids: Iterable[str], chunk: _Chunk) -> None:
        """Take up a chunk."""
        numbers = np.fromiter(map(self.vocabulary.__getitem__, chunk.terms), np.int32, len(chunk.terms))
        rows = chunk.rows
        rows[:, 0] = numbers[rows[:, 0]]
        rows[:, 1] += len(self.ids)
        self.rows.write(rows.tobytes())
        self.ids.extend(id.encode("utf-8") for id in ids)
        self.lengths.extend(chunk.lengths)

    def blocks(self) -> Iterator[Array]:
        """Yield all rows, some at a time."""
        self.rows.seek(0)
        while block := self.rows.read(12 * _BLOCK):
            yield np.frombuffer(block, np.int32).reshape(-1, 3)


def count(
    documents: Iterable[Document], spill: IO[bytes], *, jobs: int, progress: Progress | None
) -> Counted:
    """Count the terms of documents.

    Args:
        documents: Read once, a few thousand at a time.
        spill: Where rows are put; a file that is open for writing and reading.
        jobs: Number of processes that count; 1: this one does. The result does not depend on it.
        progress: Told how many documents are done.
    """
    counted = Counted(spill)
    for ids, chunk in _chunks(iter(documents), jobs):
        counted.add(ids, chunk)
        if progress is not None:
            progress(len(counted.ids))
    return counted


def _chunks(documents: Iterator[Document], jobs: int) -> Iterator[tuple[list[str], _Chunk]]:
    """Yield ids and counts of chunk after chunk; at most two chunks a process are under way."""
    batches = iter(lambda: list(islice(documents, _CHUNK)), [])
    if jobs == 1:
        for batch in batches:
            yield [id for id, _ in batch], _count([text for _, text in batch])
        return
    waiting: deque[tuple[list[str], Future[_Chunk]]] = deque()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for batch in batches:
            waiting.append(([id for id, _ in batch], pool.submit(_count, [text for _, text in batch])))
            if len(waiting) > 2 * jobs:
                ids, chunk = waiting.popleft()
                yield ids, chunk.result()
        for ids, chunk in waiting:
            yield ids, chunk.result()


def _count(texts: list[str]) -> _Chunk:
    numbers = _numbering()
    lists = [[numbers[term] for term in terms(text)] for text in texts]
    lengths = [len(numbered) for numbered in lists]
    documents = np.repeat(np.arange(len(texts)), lengths)
    flat = np.fromiter((number for numbered in lists for number in numbered), np.int64, sum(lengths))
    width = max(1, len(numbers))
    pairs, counts = np.unique(documents * width + flat, return_counts=True)
    rows = np.stack((pairs % width, pairs // width, counts), axis=1).astype(np.int32)
    return _Chunk(list(numbers), rows, lengths)


def _numbering() -> dict[str, int]:
    """Make a dictionary that numbers its keys as they are asked for."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    return numbers
