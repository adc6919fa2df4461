"""Generated games as files and on stock ALFWorld: found, loaded, and shown as our own engine shows them."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentgym.errors import ArgumentError
from envs.alfworld.game import Game
from envs.alfworld.generator import GeneratedGames, write_games
from envs.alfworld.goal import TASK_TYPES
from envs.alfworld.library import OfficialGames
from envs.alfworld.oracle import next_command
from envs.alfworld.progress import SubGoals
from envs.alfworld.world import World
from tests.envs.alfworld.play import Seen, follow

needs_textworld = pytest.mark.skipif(
    importlib.util.find_spec("textworld") is None or importlib.util.find_spec("alfworld") is None,
    reason="needs textworld and alfworld: pip install -e '.[alfworld]'",
)


def _stock(folder: Path, *arguments: str, given: str = "") -> Any:
    """Run stock ALFWorld in a process of its own; return its answer."""
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("stock.py")), *arguments],
        input=given,
        env=os.environ | {"ALFWORLD_DATA": str(folder)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def _stock_play(folder: Path, games: list[tuple[Any, list[str]]]) -> list[list[Seen]]:
    """Play games (each a path or a record, and commands) on stock TextWorld."""
    asked = json.dumps([{"game": game, "commands": commands} for game, commands in games])
    return [[Seen(*state) for state in states] for states in _stock(folder, given=asked)]


def _wander(game: Game, steps: int, seed: int) -> list[str]:
    """Choose commands at random, mostly ones that change something, then the oracle's until it wins."""
    world, goals, chance = World(game.problem), SubGoals(game.problem), np.random.default_rng(seed)
    commands = list[str]()
    while not goals.won(world):
        moves = world.moves()
        doing = [
            each for each in moves if not each.startswith(("go", "examine", "look", "inventory", "help"))
        ]
        among = sorted(doing if doing and chance.random() < 0.6 else moves)
        commands.append(among[chance.integers(len(among))] if len(commands) < steps else next_command(world))
        world.apply(moves[commands[-1]])
    return commands


def test_files__are_read_as_official_games(tmp_path: Path) -> None:
    paths = write_games(tmp_path, "valid_unseen", 3, difficulty="easy")
    games = OfficialGames(tmp_path)
    assert len(games.tasks("valid_unseen")) == len(paths) == 3 * len(TASK_TYPES)
    made = GeneratedGames("easy")
    for task in games.tasks("valid_unseen"):
        name, trial = task.split("/")
        task_type, thing, _, target, scene = name.split("-")
        number = int(trial.rpartition("_")[2])
        assert games.game(task) == made.game(f"valid_unseen/{task_type}/{number}")
        goal = games.game(task).problem.goal
        assert goal.object_type == f"{thing}type".lower()
        assert (goal.receptacle_type or goal.lamp_type) == f"{target}type".lower()
        path = tmp_path / "json_2.1.1" / "valid_unseen" / task / "traj_data.json"
        trajectory = json.loads(path.read_text(encoding="utf-8"))
        params = trajectory["pddl_params"]
        assert trajectory["task_type"] == task_type
        assert trajectory["scene"]["scene_num"] == int(scene)
        assert (params["object_target"], params["parent_target"] or params["toggle_target"]) == (
            thing,
            target,
        )


def test_files__of_a_negative_count_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="`count` is -1"):
        write_games(tmp_path, "train", -1)


@pytest.mark.slow
@needs_textworld
@pytest.mark.parametrize("difficulty", ["easy", "normal"])
def test_textworld__shows_what_the_engine_shows(difficulty: str, tmp_path: Path) -> None:
    games = GeneratedGames(difficulty)
    walked = [(f"train/{name}/0", list(games.game(f"train/{name}/0").walkthrough)) for name in TASK_TYPES]
    wandered = [(task, _wander(games.game(task), 15, 7)) for task, _ in walked]
    played = walked + wandered
    answers = _stock_play(tmp_path, [(games.record(task), commands) for task, commands in played])
    for (task, commands), answer in zip(played, answers, strict=True):
        assert answer == follow(games.game(task), commands), task
        assert [state.won for state in answer] == [False] * len(commands) + [True], task


@pytest.mark.slow
@needs_textworld
def test_files__are_found_and_played_by_stock_alfworld(tmp_path: Path) -> None:
    paths = write_games(tmp_path / "games", "train", 2, difficulty="easy")
    found = _stock(tmp_path, "list", str(tmp_path / "games" / "json_2.1.1" / "train"))
    assert sorted(found) == sorted(map(str, paths))
    game = GeneratedGames("easy").game("train/pick_heat_then_place_in_recep/1")
    (path,) = (path for path in found if "pick_heat" in path and "_000001/" in path)
    (answer,) = _stock_play(tmp_path, [(path, list(game.walkthrough))])
    assert answer == follow(game, game.walkthrough)
