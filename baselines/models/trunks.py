"""Rows that share their beginnings, laid out so that a model reads what they share once.

With the history in the prompt, the prompt of a turn is the beginning of the prompts of all later turns of its
episode. Such rows form a trunk: the longest prompt, and behind it a branch for each row. A branch is the
prompt's last token, at its own position, and the response; it sees the trunk up to there, and itself.

    ids        [ . . . | trunk (longest prompt but its last token) | last, response | last, response | ... ]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Layout", "Trunk", "grow", "lay_out"]

IntArray = NDArray[np.int64]


class _Row(Protocol):
    @property
    def prompt(self) -> IntArray: ...
    @property
    def response(self) -> IntArray: ...


class Trunk:
    """Rows whose prompts are beginnings of one prompt.

    Attributes:
        prompt: The longest prompt.
        members: Numbers of the rows.
        length: Number of tokens that are read for all of them.
    """

    def __init__(self, number: int, row: _Row) -> None:
        self.prompt = row.prompt
        self.members = [number]
        self._branches = len(row.response) + 1

    @property
    def length(self) -> int:
        """Number of tokens that are read for all members."""
        return len(self.prompt) - 1 + self._branches

    def grown(self, row: _Row) -> int | None:
        """Length with one more row, or None where the row begins otherwise."""
        shared = min(len(self.prompt), len(row.prompt))
        if not np.array_equal(self.prompt[:shared], row.prompt[:shared]):
            return None
        longer = max(0, len(row.prompt) - len(self.prompt))
        return self.length + longer + len(row.response) + 1

    def add(self, number: int, row: _Row) -> None:
        """Take a row up."""
        if len(row.prompt) > len(self.prompt):
            self.prompt = row.prompt
        self.members.append(number)
        self._branches += len(row.response) + 1


def grow(rows: Sequence[_Row], order: Iterable[int]) -> list[Trunk]:
    """Sort rows into trunks. Only neighbours are compared, so keep the turns of an episode together."""
    trunks: list[Trunk] = []
    for number in order:
        if trunks and trunks[-1].grown(rows[number]) is not None:
            trunks[-1].add(number, rows[number])
        else:
            trunks.append(Trunk(number, rows[number]))
    return trunks


class Layout(NamedTuple):
    """Rows as arrays: B trunks of at most L tokens.

    Attributes:
        ids: Shape (B, L), int64, padded on the left.
        positions: Place of each token in its own row, shape (B, L), int64.
        mask: Which tokens are no padding, shape (B, L), int64. Where rows share a trunk: which tokens each
            token may attend to, shape (B, 1, L, L), bool; padding sees itself alone.
        trunk: The trunk of each row, shape (R,), int64.
        before: Column from which its first response token is predicted, shape (R,), int64.
    """

    ids: IntArray
    positions: IntArray
    mask: NDArray[Any]
    trunk: IntArray
    before: IntArray


def lay_out(rows: Sequence[_Row], *, share: bool = True) -> Layout:
    """Lay R rows out, each as a branch of its trunk.

    Args:
        rows: What is to be read.
        share: Whether rows may share a trunk.
    """
    trunks = grow(rows, range(len(rows))) if share else [Trunk(i, row) for i, row in enumerate(rows)]
    shape = (len(trunks), max(trunk.length for trunk in trunks))
    ids, positions, mask = (np.zeros(shape, np.int64) for _ in range(3))
    of_row, before = np.zeros((2, len(rows)), np.int64)
    for number, trunk in enumerate(trunks):
        begin, last = shape[1] - trunk.length, len(trunk.prompt) - 1
        mask[number, begin:] = 1
        ids[number, begin : begin + last] = trunk.prompt[:-1]
        positions[number, begin : begin + last] = np.arange(last)
        column = begin + last
        for member in trunk.members:
            row = rows[member]
            end = column + 1 + len(row.response)
            ids[number, column:end] = np.append(row.prompt[-1], row.response)
            positions[number, column:end] = len(row.prompt) - 1 + np.arange(end - column)
            of_row[member], before[member] = number, column
            column = end
    layout = Layout(ids, positions, mask, of_row, before)
    return layout if len(trunks) == len(rows) else layout._replace(mask=_visible(layout, rows, trunks))


def _visible(layout: Layout, rows: Sequence[_Row], trunks: Sequence[Trunk]) -> NDArray[np.bool_]:
    """Which tokens each token may attend to, shape (B, 1, L, L)."""
    count, width = layout.ids.shape
    visible = np.repeat(np.eye(width, dtype=np.bool_)[None, None], count, axis=0)
    for seen, trunk in zip(visible[:, 0], trunks, strict=True):
        begin, last = width - trunk.length, len(trunk.prompt) - 1
        seen[begin : begin + last, begin : begin + last] = np.tri(last, dtype=np.bool_)
        for member in trunk.members:
            row, start = rows[member], layout.before[member]
            end = start + 1 + len(row.response)
            seen[start:end, begin : begin + len(row.prompt) - 1] = True
            seen[start:end, start:end] = np.tri(end - start, dtype=np.bool_)
    return visible
