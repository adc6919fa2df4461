"""Task ids of a range of goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

__all__ = ["GoalTasks"]


@dataclass(frozen=True)
class GoalTasks(Sequence[str]):
    """The ids "<kind>/<number>" of some goals, computed, not stored.

    Attributes:
        kind: Kind of the goals.
        numbers: Their numbers.
    """

    kind: str
    numbers: range

    def __len__(self) -> int:
        return len(self.numbers)

    def __contains__(self, task: object) -> bool:
        kind, _, digits = task.rpartition("/") if isinstance(task, str) else ("", "", "")
        if kind != self.kind or not (digits.isascii() and digits.isdigit()) or len(digits) > 12:
            return False
        return str(int(digits)) == digits and int(digits) in self.numbers

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        chosen = self.numbers[index]
        if isinstance(chosen, range):
            return tuple(f"{self.kind}/{number}" for number in chosen)
        return f"{self.kind}/{chosen}"
