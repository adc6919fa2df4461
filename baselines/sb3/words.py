"""Words as small numbers: the same in every process, with no table to be kept or learned."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["bag_of_words", "word_ids", "words_of"]

_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_LONGEST = 20_000  # characters of a text that are looked at


@lru_cache(maxsize=1 << 14)
def words_of(text: str) -> tuple[str, ...]:
    """Split a text into lower-case words, numbers and single symbols; at most its first 20,000 characters."""
    return tuple(_WORD.findall(text[:_LONGEST].lower()))


@lru_cache(maxsize=1 << 16)
def _bucket(word: str, buckets: int) -> int:
    return 1 + zlib.crc32(word.encode("utf-8", "replace")) % (buckets - 1)


@lru_cache(maxsize=1 << 14)
def word_ids(text: str, length: int, buckets: int) -> NDArray[np.int32]:
    """Number the words of a text; 0 fills what is left.

    Args:
        text: Any text.
        length: Number of ids L; of a longer text the last L words count.
        buckets: Ids are below this; a word's id is 1 + crc32(word) mod (buckets - 1).

    Returns:
        Shape (L,), int32, read-only.
    """
    ids = np.zeros(length, dtype=np.int32)
    last = words_of(text)[-length:] if length else ()
    ids[: len(last)] = [_bucket(word, buckets) for word in last]
    ids.flags.writeable = False
    return ids


@lru_cache(maxsize=1 << 12)
def bag_of_words(text: str, buckets: int) -> NDArray[np.float32]:
    """Count the words of a text by bucket: log(1 + count).

    Returns:
        Shape (buckets,), float32, read-only. Bucket 0 is always 0.
    """
    ids = [_bucket(word, buckets) for word in words_of(text)]
    counts = np.log1p(np.bincount(ids, minlength=buckets)).astype(np.float32)
    counts.flags.writeable = False
    return counts
