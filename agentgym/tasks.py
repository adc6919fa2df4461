"""Lists of task ids that are computed, not stored."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import overload

from agentgym.errors import ArgumentError

__all__ = ["NumberedTasks"]


@dataclass(frozen=True)
class NumberedTasks(Sequence[str]):
    """The ids "<name>/<number>" of several names, each with its own count of numbers.

    Length, membership and access take no time that grows with the number of ids.

    Attributes:
        counts: Number of ids of each name, in order.
        in_turn: Whether the names take turns: a/0, b/0, a/1, b/1, ... All must then have as many numbers.
        first: The least number of each name.
    """

    counts: dict[str, int]
    in_turn: bool = False
    first: int = 0
    _names: tuple[str, ...] = field(init=False, repr=False)
    _ends: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", tuple(self.counts))
        object.__setattr__(self, "_ends", tuple(accumulate(self.counts.values())))
        if self.in_turn and len(set(self.counts.values())) > 1:
            raise ArgumentError(f"Names take turns, but their counts differ: {self.counts}.")

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __contains__(self, task: object) -> bool:
        return self.locate(task) is not None

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        chosen = range(len(self))[index]
        if isinstance(chosen, range):
            return tuple(self[i] for i in chosen)
        if self.in_turn:
            return f"{self._names[chosen % len(self._names)]}/{self.first + chosen // len(self._names)}"
        block = bisect_right(self._ends, chosen)
        start = self._ends[block] - self.counts[self._names[block]]
        return f"{self._names[block]}/{self.first + chosen - start}"

    def locate(self, task: object) -> tuple[str, int] | None:
        """Split an id into name and number; None where it is none of these ids."""
        if not isinstance(task, str):
            return None
        name, _, digits = task.rpartition("/")
        if len(digits) > 12 or not (digits.isascii() and digits.isdigit()) or str(int(digits)) != digits:
            return None
        number = int(digits)
        return (name, number) if 0 <= number - self.first < self.counts.get(name, 0) else None
