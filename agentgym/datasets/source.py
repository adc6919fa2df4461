"""Recorded episodes, group by group, read from the file as they are needed.

A run is written in the order in which episodes ended, which the machine decides. A first pass over the file
notes where each episode lies; after it they are read by split and group, in the order of their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from agentgym.errors import TrajectoryError
from agentgym.hashing import digest
from agentgym.rollout.folder import TRAJECTORY_FILE
from agentgym.trajectory import Trajectory

__all__ = ["Entry", "Source"]


class Entry(NamedTuple):
    """Where an episode lies.

    Attributes:
        split: Its split.
        env_id: Its environment.
        group: Its group.
        episode: Its number.
        chain: The hash at the end of its chain, which stands for all of it.
        offset: Where its line begins, in bytes.
        line: Number of its line, from 1.
    """

    split: str
    env_id: str
    group: int
    episode: int
    chain: str
    offset: int
    line: int


class Source:
    """The episodes of a file, or of the folder of a run.

    Args:
        path: A trajectory file (.jsonl), or the folder of a run.

    Attributes:
        path: The file.
        entries: The episodes in the order in which they are read.
        digest: Of all episodes: equal for files that differ in the order of their lines and in clocks alone.

    Raises:
        TrajectoryError: There is no such file, or a line of it is no trajectory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / TRAJECTORY_FILE if path.is_dir() else path
        self.entries = sorted(self._index())
        self.digest = digest([entry[:5] for entry in self.entries])

    def groups(self) -> Iterator[list[Entry]]:
        """Yield the episodes of each group; those of one split follow each other."""
        for _, entries in groupby(self.entries, key=lambda entry: entry[:3]):
            yield list(entries)

    def read(self, entry: Entry) -> Trajectory:
        """Read an episode and check its hash chain.

        Raises:
            TrajectoryError: It was altered. The message names file and line.
        """
        with self.path.open("rb") as file:
            file.seek(entry.offset)
            line = file.readline()
        try:
            return Trajectory.from_json(line.decode("ascii"))
        except (TrajectoryError, UnicodeDecodeError) as error:
            raise TrajectoryError(f"{self.path}:{entry.line}: {error}") from error

    def _index(self) -> Iterator[Entry]:
        try:
            with self.path.open("rb") as file:
                offset = 0
                for number, raw in enumerate(file, start=1):
                    yield self._entry(raw, offset, number)
                    offset += len(raw)
        except OSError as error:
            raise TrajectoryError(
                f"{self.path} cannot be read: {error}. Pass a trajectory file, or the folder of a run."
            ) from error

    def _entry(self, raw: bytes, offset: int, number: int) -> Entry:
        try:
            record = json.loads(raw.decode("ascii"))
            names = str(record["split"]), str(record["env_id"])
            numbers = int(record["group"]), int(record["episode"])
            return Entry(*names, *numbers, str(record["chain"]), offset, number)
        except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
            raise TrajectoryError(f"{self.path}:{number}: this line is no trajectory: {error!r}.") from error
