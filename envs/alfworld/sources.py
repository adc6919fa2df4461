"""Where games come from: official files, or the generator."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from agentgym.errors import ArgumentError, suggest
from envs.alfworld.game import Game
from envs.alfworld.generator import Difficulty, GeneratedGames
from envs.alfworld.goal import TaskType, check_task_type
from envs.alfworld.library import SPLITS, OfficialGames

__all__ = ["SPLITS", "GameSource", "Games", "source_of"]

Games: TypeAlias = Literal["auto", "official", "generated"]


class GameSource(Protocol):
    """A store of games, by split and task id."""

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split; membership is fast."""
        ...

    def game(self, task: str) -> Game:
        """Return the game of a task."""
        ...

    def record(self, task: str) -> Mapping[str, Any]:
        """Return the JSON object that a `game.tw-pddl` of this game holds."""
        ...


def source_of(
    *,
    games: str,
    data: str | Path | None,
    task_types: Sequence[str] | str | None,
    difficulty: str | Mapping[str, Any] | Difficulty,
) -> GameSource:
    """Choose a source.

    Args:
        games: "official", "generated", or "auto": official games where a folder is given, else generated.
        data: The folder that holds `json_2.1.1`. None: $ALFWORLD_DATA, else $AGENTGYM_DATA/alfworld.
        task_types: The types of task to play; None: all.
        difficulty: Of generated games.

    Raises:
        ArgumentError: The arguments contradict each other.
        UnknownNameError: A name is unknown. The message lists close matches.
        DataError: The folder holds no such games.
    """
    if games not in ("auto", "official", "generated"):
        raise suggest("source of games", str(games), ("auto", "official", "generated"))
    types = _types(task_types)
    if games == "generated" and data is not None:
        raise ArgumentError("games='generated' reads no files, but `data` is given. Leave one of them out.")
    folder = None if games == "generated" else _folder(data)
    if folder is not None:
        return OfficialGames(folder, types)
    if games == "official":
        raise ArgumentError(
            "There is no folder of official games. Pass data=, or set $ALFWORLD_DATA to the folder that "
            "holds json_2.1.1 (alfworld-download makes it)."
        )
    return GeneratedGames(difficulty, types)


def _types(names: Sequence[str] | str | None) -> tuple[TaskType, ...] | None:
    if names is None:
        return None
    chosen = tuple(dict.fromkeys(map(check_task_type, (names,) if isinstance(names, str) else names)))
    if not chosen:
        raise ArgumentError("`task_types` is empty. Name at least one type, or leave it out.")
    return chosen


def _folder(data: str | Path | None) -> Path | None:
    if data is not None:
        return Path(data).expanduser()
    if os.environ.get("ALFWORLD_DATA"):
        return Path(os.environ["ALFWORLD_DATA"])
    root = os.environ.get("AGENTGYM_DATA")
    if root and (Path(root) / "alfworld").is_dir():
        return Path(root) / "alfworld"
    return None
