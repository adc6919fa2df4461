"""The official games, read as they lie: `json_2.1.1/<split>/<task>/<trial>/game.tw-pddl`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from agentgym.errors import DataError, suggest
from envs.alfworld.game import SPLITS, Game, read_game
from envs.alfworld.goal import TASK_TYPES, TaskType

__all__ = ["SPLITS", "OfficialGames"]

_FILE: Final = "game.tw-pddl"
_LEFT_OUT: Final = ("movable", "Sliced")
_TAIL: Final = 4096


class OfficialGames:
    """The games of a folder. A file is read when its task is played, so a broken one harms no other.

    As in ALFWorld, games that are marked unsolvable, and those with movable receptacles or sliced objects,
    are left out. The listing of a folder is kept, and taken again when a folder in it has changed.

    Args:
        root: The folder that holds `json_2.1.1`, or that folder itself.
        task_types: The types of task to list; all if None.

    Raises:
        DataError: There is no such folder, or it holds no game of these types.
    """

    def __init__(self, root: Path, task_types: Sequence[TaskType] | None = None) -> None:
        folder = root / "json_2.1.1"
        self._root = folder if folder.is_dir() else root
        if not any((self._root / split).is_dir() for split in SPLITS):
            raise DataError(
                f"{root} holds no ALFWorld games. Expected the folder that holds json_2.1.1/train, ..., as "
                "alfworld-download leaves it. Pass it as data=, or pass games='generated'."
            )
        wanted = TASK_TYPES if task_types is None else tuple(task_types)
        self._tasks = {
            split: {task: None for task in _listing(self._root / split) if task.startswith(wanted)}
            for split in SPLITS
        }

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split, sorted: "<task>/<trial>"."""
        return _Listed(self._tasks[split])

    def game(self, task: str) -> Game:
        """Read the game of a task.

        Raises:
            DataError: Its file is missing or broken. The message names the file and the place.
        """
        path = self._path(task)
        try:
            stamp = path.stat()
        except OSError as error:
            raise DataError(f"{path} cannot be read: {error.strerror}.") from error
        return _read(path, stamp.st_mtime_ns, stamp.st_size)

    def record(self, task: str) -> Mapping[str, Any]:
        """Read the JSON object that the file of a task holds."""
        record: Mapping[str, Any] = json.loads(self._path(task).read_text(encoding="utf-8"))
        return record

    def _path(self, task: str) -> Path:
        for split in SPLITS:
            if task in self._tasks[split]:
                return self._root / split / task / _FILE
        raise suggest("task", task, [each for split in SPLITS for each in self._tasks[split]])


class _Listed(Sequence[str]):
    """The keys of a dictionary as a sequence with a fast test of membership."""

    def __init__(self, tasks: dict[str, None]) -> None:
        self._known, self._ordered = tasks, tuple(tasks)

    def __len__(self) -> int:
        return len(self._ordered)

    def __getitem__(self, index: Any) -> Any:
        return self._ordered[index]

    def __contains__(self, task: object) -> bool:
        return task in self._known


@lru_cache(maxsize=64)
def _read(path: Path, modified_ns: int, size: int) -> Game:
    """Read a game once; another time or size means another file."""
    return read_game(path)


@dataclass(frozen=True, slots=True)
class _Scan:
    """What a folder held, and the times of all folders in it, which say whether it still does."""

    tasks: tuple[str, ...]
    stamps: Mapping[str, int]

    def fresh(self) -> bool:
        return all(_stamp(folder) == stamp for folder, stamp in self.stamps.items())


_SCANS: Final[dict[Path, _Scan]] = {}


def _listing(folder: Path) -> tuple[str, ...]:
    """List the playable games of a split, sorted."""
    known = _SCANS.get(folder)
    if known is None or not known.fresh():
        known = _SCANS[folder] = _scan(folder)
    return known.tasks


def _scan(folder: Path) -> _Scan:
    """Look for games in the folders of a split."""
    stamps = {str(folder): _stamp(str(folder))}
    found = []
    for task in _folders(folder):
        if any(word in task for word in _LEFT_OUT) or not task.startswith(TASK_TYPES):
            continue
        stamps[f"{folder}/{task}"] = _stamp(f"{folder}/{task}")
        for trial in _folders(folder / task):
            place = f"{folder}/{task}/{trial}"
            stamps[place] = _stamp(place)
            if _playable(f"{place}/{_FILE}"):
                found.append(f"{task}/{trial}")
    return _Scan(tuple(found), stamps)


def _folders(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir())


def _stamp(folder: str) -> int:
    """Time at which something in a folder was made, renamed or removed; -1 where there is no folder."""
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - a Path for each of thousands is slow
    except OSError:
        return -1


def _playable(path: str) -> bool:
    """Whether a game is there and not marked unsolvable. The mark stands near the end of the file."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            return b'"solvable": false' not in file.read()
    except OSError:
        return False
