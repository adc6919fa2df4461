"""Who owns which row of a cache, and what tokens each row holds."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["RowKeeper"]

IntArray = NDArray[np.int64]


class RowKeeper:
    """Lends rows to conversations, which keep theirs from turn to turn as long as there are enough.

    Args:
        limit: Greatest number of rows.
        at_once: Whether all rows are made with the first one; else their number grows by doubling.

    Attributes:
        tokens: What each row holds, shape (rows, places), int64.
        lengths: How many tokens of each row the model has read, shape (rows,), int64.
    """

    def __init__(self, limit: int, *, at_once: bool) -> None:
        self._limit, self._least = limit, limit if at_once else 8
        self.tokens, self.lengths = np.zeros((0, 0), np.int64), np.zeros(0, np.int64)
        self._row_of: dict[Hashable, int] = {}
        self._owner: dict[int, Hashable] = {}
        self._free: list[int] = []
        self._rested: dict[int, None] = {}  # owned rows that do nothing, the longest rested first

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lengths)

    def take(self, conversation: Hashable) -> int | None:
        """Lend a row: the conversation's own, a free one, a new one, or that of one that rests."""
        row = self._row_of.get(conversation)
        if row is not None and row in self._rested:
            del self._rested[row]
            return row
        if not self._free and len(self) < self._limit:
            self._grow()
        if self._free:
            row = heapq.heappop(self._free)
        elif self._rested:
            row = next(iter(self._rested))
            del self._rested[row]
            del self._row_of[self._owner.pop(row)]
        else:
            return None
        if conversation not in self._row_of:
            self._row_of[conversation], self._owner[row] = row, conversation
        return row

    def rest(self, row: int) -> None:
        """Take back a row whose response has ended; its conversation may come back to it."""
        if row in self._owner:
            self._rested[row] = None
        else:
            heapq.heappush(self._free, row)

    def leave(self, conversation: Hashable) -> None:
        """Free the row of a conversation that is over; what it holds stays until the row is needed."""
        row = self._row_of.pop(conversation, None)
        if row is not None:
            del self._owner[row]
            if row in self._rested:
                del self._rested[row]
                heapq.heappush(self._free, row)

    def shared(self, prompt: IntArray, fresh: Mapping[int, int]) -> IntArray:
        """Count how many tokens of a prompt's beginning each row holds.

        The last token of the prompt does not count: it must be read for what comes after it.

        Args:
            prompt: Token ids, shape (P,).
            fresh: Rows whose tokens are about to be read, and how many they will then hold.

        Returns:
            Shape (rows,).
        """
        ends = self.lengths.copy()
        ends[list(fresh)] = list(fresh.values())
        n = min(len(prompt) - 1, self.tokens.shape[1])
        differs = self.tokens[:, :n] != prompt[:n]
        first = np.where(differs.any(axis=1), differs.argmax(axis=1), n) if n else np.zeros(len(self))
        return np.minimum(first, ends).astype(np.int64)

    def widen(self, places: int) -> None:
        """Make room for more tokens in every row."""
        more = places - self.tokens.shape[1]
        if more > 0:
            self.tokens = np.pad(self.tokens, ((0, 0), (0, more)))

    def _grow(self) -> None:
        old = len(self)
        more = min(max(self._least, old), self._limit - old)
        self.tokens = np.pad(self.tokens, ((0, more), (0, 0)))
        self.lengths = np.pad(self.lengths, (0, more))
        for row in range(old, old + more):
            heapq.heappush(self._free, row)
