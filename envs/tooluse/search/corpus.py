"""Corpora: documents by position, in memory or in a file of JSON lines of any size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import DataError
from envs.tooluse.search.document import Document, read_document

__all__ = ["Corpus", "JsonlCorpus", "ListCorpus"]


class Corpus(Protocol):
    """Documents by position."""

    def __len__(self) -> int:
        """Number of documents."""

    def __getitem__(self, position: int) -> Document:
        """The document at a position."""

    def __iter__(self) -> Iterator[Document]:
        """All documents in order."""


@dataclass(frozen=True)
class ListCorpus:
    """Documents in memory."""

    documents: Sequence[Document]

    def __len__(self) -> int:
        return len(self.documents)

    def __getitem__(self, position: int) -> Document:
        return self.documents[position]

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)


class JsonlCorpus:
    """A file with a document a line, `{"id": ..., "contents": ...}`. In memory it takes 8 bytes a document.

    Args:
        path: The file. Its lines are found at once and checked when they are read; it must not change.

    Raises:
        DataError: There is no such file, or a line of it is no document. The message names file, line and
            field.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        starts, content = [], hashlib.blake2b(digest_size=16)
        for start, line in _lines(path):
            starts.append(start)
            content.update(line)
        if not starts:
            raise DataError(f"{path} holds no document. It must hold a JSON object a line.")
        self._starts: NDArray[np.int64] = np.array(starts, np.int64)
        self.digest = content.hexdigest()
        """Names the content of the file."""

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, position: int) -> Document:
        with self.path.open("rb") as file:
            file.seek(int(self._starts[position]))
            return read_document(json.loads(file.readline()), f"{self.path}, document {position + 1}")

    def __iter__(self) -> Iterator[Document]:
        for number, (_, line) in enumerate(_lines(self.path), 1):
            where = f"{self.path}, document {number}"
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"{where} is no JSON: {error}. Each line holds one JSON object.") from error
            yield read_document(record, where)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield where each line begins that is not blank, and the line."""
    try:
        with path.open("rb") as file:
            start = 0
            for line in file:
                if line.strip():
                    yield start, line
                start += len(line)
    except OSError as error:
        raise DataError(
            f"The corpus {path} cannot be read: {error.strerror}. Pass the path of a file."
        ) from error
