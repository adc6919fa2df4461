"""Where levels come from: the generator, or files that are read when they are needed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError, LevelError, suggest
from agentgym.tasks import NumberedTasks
from envs.sokoban.generator import check_size, generate_batch
from envs.sokoban.levels import LEVEL_SUFFIXES, parse_levels, read_levels
from envs.sokoban.rooms import SPLITS
from envs.sokoban.rules import Board

__all__ = ["BoxobanLevels", "GeneratedLevels", "GivenLevels", "LevelSource", "source_of"]

LEVELS_PER_SPLIT: Final = 1_000_000
_SPLIT_FOLDERS: Final = {"train": "train", "valid": "validation", "test": "test"}


class LevelSource(Protocol):
    """A store of levels, by split and task id."""

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        ...

    def board(self, task: str) -> Board:
        """Make the board of a task, shape (H, W), uint8; the caller may change it."""
        ...

    def boards(self, tasks: Sequence[str]) -> list[Board]:
        """Make the boards of several tasks."""
        return [self.board(task) for task in tasks]


class GeneratedLevels(LevelSource):
    """A million levels of one size in each split, generated when asked for.

    The task "<split>/<k>" is the level of seed k + 1,000,000 * (index of the split), drawn until its room
    belongs to the split: neither seeds nor rooms are shared between splits.

    Args:
        size: Height and width of the boards.
        boxes: Number of boxes.
    """

    def __init__(self, size: tuple[int, int], boxes: int) -> None:
        check_size(size, boxes)
        self._size, self._boxes = size, boxes
        self._tasks = {split: NumberedTasks({split: LEVELS_PER_SPLIT}) for split in SPLITS}

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        return self._tasks[split]

    def board(self, task: str) -> Board:
        """Generate the level of a task."""
        return self.boards([task])[0]

    def boards(self, tasks: Sequence[str]) -> list[Board]:
        """Generate the levels of several tasks on all cores; one that is named twice is generated once."""
        made = dict[str, Board]()
        for split in SPLITS:
            ours = [task for task in dict.fromkeys(tasks) if task.startswith(f"{split}/")]
            if ours:
                made.update(zip(ours, self._generate(split, ours), strict=True))
        return [made[task].copy() for task in tasks]

    def _generate(self, split: str, tasks: Sequence[str]) -> NDArray[np.uint8]:
        start = LEVELS_PER_SPLIT * SPLITS.index(split)
        seeds = np.array([start + int(task.rpartition("/")[2]) for task in tasks], dtype=np.int64)
        return generate_batch(seeds, size=self._size, boxes=self._boxes, split=split)


class GivenLevels(LevelSource):
    """The levels of a text, a file or a folder; all of them belong to one split.

    Args:
        groups: The levels of each name; a task is "<name>/<number>".
        split: The split that they belong to.
    """

    def __init__(self, groups: dict[str, tuple[Board, ...]], split: str) -> None:
        self._groups, self._split = groups, split
        self._tasks = NumberedTasks({name: len(boards) for name, boards in groups.items()})

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split; there are none but those of the given split."""
        return self._tasks if split == self._split else ()

    def board(self, task: str) -> Board:
        """Copy the board of a task."""
        name, _, number = task.rpartition("/")
        return self._groups[name][int(number)].copy()


class BoxobanLevels(LevelSource):
    """A folder in the layout of DeepMind's boxoban-levels; files are read when they are needed.

    A file belongs to the split whose folder it lies in (train, valid, test); where there is none, as under
    hard/, it belongs to test. The task of level 17 of medium/valid/000.txt is "medium/valid/000/17".

    Args:
        root: The folder.

    Raises:
        LevelError: The folder holds no level file.
    """

    def __init__(self, root: Path) -> None:
        self._files = _level_files(root)
        self._splits: dict[str, list[str]] = {split: [] for split in SPLITS}
        for name, path in self._files.items():
            folders = [part for part in path.relative_to(root).parts[:-1] if part in _SPLIT_FOLDERS]
            self._splits[_SPLIT_FOLDERS[folders[-1]] if folders else "test"].append(name)
        self._tasks: dict[str, NumberedTasks] = {}
        self._read = lru_cache(maxsize=16)(read_levels)

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split. The first call counts the levels of its files."""
        if split not in self._tasks:
            counts = {name: _count_levels(self._files[name]) for name in self._splits[split]}
            self._tasks[split] = NumberedTasks(counts)
        return self._tasks[split]

    def board(self, task: str) -> Board:
        """Read the board of a task."""
        name, _, number = task.rpartition("/")
        boards = self._read(self._files[name])
        if int(number) >= len(boards):
            raise LevelError(
                f"{self._files[name]} has {len(boards)} levels, but more headers. Mend the file."
            )
        return boards[int(number)].copy()


def source_of(
    *, size: tuple[int, int], boxes: int, levels: str | Path | None, data: str | Path | None, split: str
) -> LevelSource:
    """Choose the source that the arguments of the environment ask for.

    Raises:
        ArgumentError: `levels` and `data` are both given, or what they name does not exist or lacks the
            split.
        LevelError: A given level is malformed.
    """
    if levels is not None and data is not None:
        raise ArgumentError("`levels` and `data` are both given. Pass one of them.")
    if levels == "boxoban":
        data = _data_root()
    if data is not None:
        source: LevelSource = BoxobanLevels(_folder(Path(data)))
    elif levels is None:
        return GeneratedLevels(size, boxes)
    elif isinstance(levels, str) and "\n" in levels:
        source = GivenLevels({"levels": parse_levels(levels)}, split)
    else:
        source = GivenLevels(_read_path(Path(levels)), split)
    _check_split(source, split, data)
    return source


def _data_root() -> Path:
    root = os.environ.get("AGENTGYM_DATA")
    if not root:
        raise ArgumentError(
            "levels='boxoban' reads $AGENTGYM_DATA/boxoban, but AGENTGYM_DATA is not set. Set it to the "
            "folder that holds boxoban/, or pass data=<folder of boxoban-levels>."
        )
    return Path(root) / "boxoban"


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ArgumentError(f"There is no folder {path}. Pass data=<folder of boxoban-levels>.")
    return path


def _read_path(path: Path) -> dict[str, tuple[Board, ...]]:
    if path.is_file():
        return {path.stem: read_levels(path)}
    if not path.is_dir():
        raise ArgumentError(
            f"`levels` is {str(path)!r}, which is no file or folder. Pass a path, a text of several lines, "
            "or 'boxoban'."
        )
    return {name: read_levels(file) for name, file in _level_files(path).items()}


def _level_files(root: Path) -> dict[str, Path]:
    files = sorted(path for path in root.rglob("*") if path.suffix in LEVEL_SUFFIXES and path.is_file())
    if not files:
        raise LevelError(
            f"{root} holds no level file. Expected files that end in {', '.join(LEVEL_SUFFIXES)}."
        )
    return {path.relative_to(root).with_suffix("").as_posix(): path for path in files}


def _count_levels(path: Path) -> int:
    return sum(line.startswith(b";") for line in path.read_bytes().splitlines())


def _check_split(source: LevelSource, split: str, data: str | Path | None) -> None:
    if split not in SPLITS:
        raise suggest("split", split, SPLITS)
    if len(source.tasks(split)) == 0:
        present = [name for name in SPLITS if len(source.tasks(name)) > 0]
        raise ArgumentError(
            f"{data} has no levels for the split {split!r}. It has {', '.join(present) or 'none'}. "
            f"Pass split={present[0]!r}."
            if present
            else f"{data} has no levels."
        )
