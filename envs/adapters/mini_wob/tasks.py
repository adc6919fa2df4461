"""The tasks of a split: a page and a number, which stands for a problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

__all__ = ["PageTasks"]


@dataclass(frozen=True)
class PageTasks(Sequence[str]):
    """The ids "<page>/<number>" of some pages, the pages in turn.

    Attributes:
        pages: Names of the pages.
        numbers: The numbers of the split.
    """

    pages: tuple[str, ...]
    numbers: range

    def __len__(self) -> int:
        return len(self.pages) * len(self.numbers)

    def __contains__(self, task: object) -> bool:
        if not isinstance(task, str):
            return False
        page, _, digits = task.rpartition("/")
        if len(digits) > 12 or not (digits.isascii() and digits.isdigit()) or str(int(digits)) != digits:
            return False
        return page in self.pages and int(digits) in self.numbers

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        chosen = range(len(self))[index]
        if isinstance(chosen, range):
            return tuple(self[i] for i in chosen)
        number, page = divmod(chosen, len(self.pages))
        return f"{self.pages[page]}/{self.numbers[number]}"
