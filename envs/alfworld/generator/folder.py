"""Generated games as files, in the layout of the official ones, for those who use stock ALFWorld."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentgym.errors import ArgumentError
from envs.alfworld.generator.difficulty import Difficulty
from envs.alfworld.generator.household import Household
from envs.alfworld.generator.source import GAMES_PER_TYPE, GeneratedGames
from envs.alfworld.goal import TASK_TYPES, TaskType

__all__ = ["write_games"]


def write_games(
    folder: Path,
    split: str,
    count: int,
    *,
    difficulty: str | Mapping[str, Any] | Difficulty = "normal",
    task_types: Sequence[TaskType] | None = None,
) -> list[Path]:
    """Write games as `<folder>/json_2.1.1/<split>/<task>/<trial>/game.tw-pddl`.

    Stock ALFWorld lists and plays them, with $ALFWORLD_DATA set to the folder. The `traj_data.json` beside
    each holds what its text side reads (task type, goal, floor plan) and nothing for its pictures. Keep one
    difficulty to a folder: file names do not tell them apart.

    Args:
        folder: Where to write; made if it is missing. Files that are there already are written again.
        split: "train", "valid_seen" or "valid_unseen".
        count: Number of games of each type, from number 0.
        difficulty: See `GeneratedGames`.
        task_types: The types of task; all if None.

    Returns:
        The paths of the games.

    Raises:
        ArgumentError: `count` is out of range, or the difficulty is impossible.
        UnknownNameError: A name is unknown.
    """
    if not 0 <= count <= GAMES_PER_TYPE:
        raise ArgumentError(f"`count` is {count}. Expected a number from 0 to {GAMES_PER_TYPE}.")
    games = GeneratedGames(difficulty, task_types)
    games.tasks(split)
    wanted = TASK_TYPES if task_types is None else task_types
    return [
        _write_game(folder / "json_2.1.1" / split, games, f"{split}/{name}/{number}")
        for name in wanted
        for number in range(count)
    ]


def _write_game(folder: Path, games: GeneratedGames, task: str) -> Path:
    household = games.household(task)
    aim, scene = household.aim, household.layout.scene
    trial = f"trial_generated_{int(task.rpartition('/')[2]):06d}"
    name = f"{aim.task_type}-{aim.thing}-None-{aim.target or aim.lamp}-{scene}"
    path = folder / name / trial / "game.tw-pddl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(games.record(task)), encoding="utf-8")
    trajectory = json.dumps(_trajectory(household, trial), indent=1)
    path.with_name("traj_data.json").write_text(trajectory, encoding="utf-8")
    return path


def _trajectory(household: Household, trial: str) -> dict[str, Any]:
    aim, scene = household.aim, household.layout.scene
    return {
        "task_id": trial,
        "task_type": aim.task_type,
        "pddl_params": {
            "object_target": aim.thing,
            "parent_target": aim.target,
            "mrecep_target": "",
            "toggle_target": aim.lamp,
            "object_sliced": False,
        },
        "scene": {"scene_num": scene, "floor_plan": f"FloorPlan{scene}"},
        "turk_annotations": {"anns": []},
    }
