"""Official games on disk: found, kept, taken again when they change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentgym.errors import DataError, UnknownNameError
from envs.alfworld.library import OfficialGames
from tests.envs.alfworld.houses import record, write_game

SIMPLE = "pick_and_place_simple-Apple-None-CounterTop-1/trial_1"
CLEAN = "pick_clean_then_place_in_recep-Apple-None-CounterTop-1/trial_2"


def test_tasks__are_listed_by_split_and_type(tmp_path: Path) -> None:
    write_game(tmp_path, CLEAN, record())
    write_game(tmp_path, SIMPLE, record())
    write_game(tmp_path, SIMPLE, record(), split="train")
    games = OfficialGames(tmp_path)
    assert list(games.tasks("valid_seen")) == [SIMPLE, CLEAN]
    assert list(games.tasks("train")) == [SIMPLE]
    assert list(games.tasks("valid_unseen")) == []
    assert list(OfficialGames(tmp_path, ["pick_clean_then_place_in_recep"]).tasks("valid_seen")) == [CLEAN]
    assert CLEAN in games.tasks("valid_seen")
    assert "x" not in games.tasks("valid_seen")


def test_folder__may_be_that_of_the_games_itself(tmp_path: Path) -> None:
    write_game(tmp_path, SIMPLE, record())
    assert list(OfficialGames(tmp_path / "json_2.1.1").tasks("valid_seen")) == [SIMPLE]


@pytest.mark.parametrize(
    "task",
    ["movable_recep-Apple-None-CounterTop-1/t", "pick_and_place_simple-AppleSliced-None-CounterTop-1/t"],
)
def test_tasks__leave_out_what_alfworld_leaves_out(tmp_path: Path, task: str) -> None:
    write_game(tmp_path, task, record())
    write_game(tmp_path, "pick_and_place_simple-Egg-None-Fridge-1/t", record(solvable=False))
    write_game(tmp_path, SIMPLE, record())
    assert list(OfficialGames(tmp_path).tasks("valid_seen")) == [SIMPLE]


def test_listing__follows_what_is_added_and_removed(tmp_path: Path) -> None:
    path = write_game(tmp_path, SIMPLE, record())
    assert len(OfficialGames(tmp_path).tasks("valid_seen")) == 1
    other = write_game(tmp_path, CLEAN, record())
    assert len(OfficialGames(tmp_path).tasks("valid_seen")) == 2
    later = write_game(tmp_path, SIMPLE.replace("trial_1", "trial_9"), record())
    assert len(OfficialGames(tmp_path).tasks("valid_seen")) == 3
    later.unlink()
    other.unlink()
    other.parent.rmdir()
    assert list(OfficialGames(tmp_path).tasks("valid_seen")) == [SIMPLE]
    path.parent.joinpath("game.tw-pddl").rename(path.parent / "elsewhere")
    assert not OfficialGames(tmp_path).tasks("valid_seen")


def test_game__is_read_again_when_its_file_has_changed(tmp_path: Path) -> None:
    path = write_game(tmp_path, SIMPLE, record(task="put an apple in countertop."))
    games = OfficialGames(tmp_path)
    assert games.game(SIMPLE).task == "put an apple in countertop."
    assert games.game(SIMPLE) is games.game(SIMPLE)
    write_game(tmp_path, SIMPLE, record(task="put some apple in countertop."))
    os.utime(path, ns=(1, 1))
    assert games.game(SIMPLE).task == "put some apple in countertop."


def test_game__that_is_broken_leaves_the_others_usable(tmp_path: Path) -> None:
    write_game(tmp_path, SIMPLE, "{")
    write_game(tmp_path, CLEAN, record())
    games = OfficialGames(tmp_path)
    with pytest.raises(DataError, match="trial_1"):
        games.game(SIMPLE)
    assert games.game(CLEAN).task


def test_game__that_vanished_is_named(tmp_path: Path) -> None:
    path = write_game(tmp_path, SIMPLE, record())
    games = OfficialGames(tmp_path)
    path.unlink()
    with pytest.raises(DataError, match="trial_1"):
        games.game(SIMPLE)


def test_game__of_an_unknown_task_lists_close_names(tmp_path: Path) -> None:
    write_game(tmp_path, SIMPLE, record())
    with pytest.raises(UnknownNameError, match="trial_1"):
        OfficialGames(tmp_path).game(SIMPLE.replace("trial_1", "trial_l"))


def test_folder__without_games_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"json_2\.1\.1"):
        OfficialGames(tmp_path / "missing")
