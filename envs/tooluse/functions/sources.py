"""Where cases come from: BFCL's files, or the generator."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from agentgym.errors import ArgumentError, suggest
from envs.tooluse.functions.bfcl import CATEGORIES, SINGLE_TURN, BfclFolder
from envs.tooluse.functions.case import Case
from envs.tooluse.functions.generator import Difficulty, GeneratedCases

__all__ = ["BfclCases", "Cases", "source_of"]


class Cases(Protocol):
    """A store of cases, by split and task id.

    Attributes:
        default_split: The split that is played where none is named.
        at_once: Whether all calls of a turn are to be made in one message.
    """

    default_split: str
    at_once: bool

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split; membership is fast."""
        ...

    def case(self, task: str) -> Case:
        """Return the case of a task."""
        ...


class _Ids(Sequence[str]):
    """The keys of a mapping as a sequence with fast membership."""

    def __init__(self, keys: Mapping[str, Any]) -> None:
        self._keys, self._order = keys, tuple(keys)

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, task: object) -> bool:
        return isinstance(task, str) and task in self._keys

    def __getitem__(self, index: Any) -> Any:
        return self._order[index]


class BfclCases:
    """A category of BFCL: all of its cases are one split, "test"."""

    default_split = "test"

    def __init__(self, folder: Path, category: str) -> None:
        self._folder = _folder_of(folder, category)
        self._ids = _Ids(self._folder.ids)
        self.at_once = category in SINGLE_TURN

    def tasks(self, split: str) -> Sequence[str]:
        """List the cases; the splits train and validation are empty."""
        return self._ids if split == "test" else ()

    def case(self, task: str) -> Case:
        """Return a case."""
        return self._folder.case(task)


@lru_cache(maxsize=16)
def _folder_of(folder: Path, category: str) -> BfclFolder:
    return BfclFolder(folder, category)


def source_of(
    category: str | None,
    data: str | Path | None,
    difficulty: str | Mapping[str, Any] | Difficulty,
    services: Sequence[str] | None,
) -> Cases:
    """Choose a source.

    Args:
        category: A category of BFCL. None: generated tasks, or "base" where `data` is given.
        data: The folder of BFCL's files. None: $AGENTGYM_DATA/bfcl.
        difficulty: Of generated tasks.
        services: Of generated tasks: those to play.

    Raises:
        UnknownNameError: There is no such category or difficulty.
        ArgumentError: There is no folder of BFCL's files.
        DataError: The folder does not hold what it should.
    """
    if category is None and data is None:
        return GeneratedCases(difficulty, services)
    if services is not None:
        raise ArgumentError("`services` chooses generated tasks, but BFCL's are asked for. Leave it out.")
    chosen = "base" if category is None else category
    if chosen not in CATEGORIES:
        raise suggest("category", str(chosen), CATEGORIES)
    root = os.environ.get("AGENTGYM_DATA")
    if data is None and not root:
        raise ArgumentError(
            f"category={category!r} reads BFCL's files, but there is no folder. Pass data=, or set "
            "$AGENTGYM_DATA to the folder that holds bfcl/."
        )
    folder = Path(data).expanduser() if data is not None else Path(str(root)) / "bfcl"
    return BfclCases(folder, chosen)
