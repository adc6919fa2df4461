"""Generated games: winnable, reproducible, as large as asked, apart between splits, like official ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.hashing import digest
from envs.alfworld.game import Game, game_from_record
from envs.alfworld.generator import GAMES_PER_TYPE, PRESETS, Difficulty, GeneratedGames
from envs.alfworld.generator.things import ABILITIES, FIXED, HOLDS, OPENABLE
from envs.alfworld.generator.writing import SENTENCES
from envs.alfworld.goal import TASK_TYPES, TaskType
from envs.alfworld.library import OfficialGames
from envs.alfworld.oracle import next_command
from envs.alfworld.pddl import read_expression
from envs.alfworld.problem import bits
from envs.alfworld.progress import SubGoals
from envs.alfworld.world import World
from tests.envs.alfworld.play import follow

SPLITS = ("train", "valid_seen", "valid_unseen")
TINY = Difficulty(receptacles=5, distractors=0, openable=0.0, hidden=0.0, instances=1)
"""So few possible games that every split draws many of them twice."""


def _ids(split: str, count: int, types: tuple[TaskType, ...] = TASK_TYPES) -> list[str]:
    return [f"{split}/{name}/{number}" for name in types for number in range(count)]


def _layout(game: Game) -> tuple[str, ...]:
    """Types of the receptacles and their numbers."""
    return tuple(sorted(place.type for place in game.problem.receptacles))


def _same(game: Game) -> tuple[Any, ...]:
    """What two games have in common that differ by numbers, locations and temperatures alone."""
    problem = game.problem
    inside = [sorted(problem.types[thing] for thing in bits(things)) for things in problem.contents]
    places = sorted((place.type, *held) for place, held in zip(problem.receptacles, inside, strict=True))
    return repr(problem.goal), tuple(places)


def _oracle_steps(game: Game, limit: int = 50) -> int:
    world, goals = World(game.problem), SubGoals(game.problem)
    for step in range(limit):
        if goals.won(world):
            return step
        world.apply(world.moves()[next_command(world)])
    raise AssertionError(f"the oracle needs more than {limit} steps for {game.task}")


# What is drawn


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("difficulty", [*PRESETS])
def test_walkthrough__wins_with_its_last_command_and_not_before(difficulty: str, split: str) -> None:
    games = GeneratedGames(difficulty)
    for task in _ids(split, 25):
        game = games.game(task)
        won = [state.won for state in follow(game, game.walkthrough)]
        assert won == [False] * len(game.walkthrough) + [True], task


def test_oracle__wins_in_at_most_one_step_more_than_the_walkthrough() -> None:
    games = GeneratedGames()
    for task in _ids("train", 100):
        game = games.game(task)
        # It takes one more where the second of two objects lies at the location of the target.
        assert _oracle_steps(game) <= len(game.walkthrough) + 1, task


@given(
    values=st.fixed_dictionaries(
        {
            "receptacles": st.integers(5, 40),
            "distractors": st.integers(0, 60),
            "openable": st.floats(0, 1),
            "hidden": st.floats(0, 1),
            "instances": st.integers(1, 3),
        }
    ),
    split=st.sampled_from(SPLITS),
    number=st.integers(0, GAMES_PER_TYPE - 1),
)
@settings(max_examples=60, deadline=None)
def test_game__can_be_won_and_is_as_large_as_asked_at_any_difficulty(
    values: dict[str, Any], split: str, number: int
) -> None:
    try:
        difficulty = Difficulty(**values)
    except ArgumentError:
        reject()
    for name in TASK_TYPES:
        game = GeneratedGames(difficulty).game(f"{split}/{name}/{number}")
        problem, goal = game.problem, game.problem.goal
        assert follow(game, game.walkthrough)[-1].won
        size = len(problem.receptacles)
        assert difficulty.fewest_receptacles <= size <= difficulty.most_receptacles
        station = goal.process in ("ishot", "iscool")
        assert sum(each.openable for each in problem.receptacles) <= max(difficulty.openable * size, station)
        needed = problem.objects_of(goal.object_type) | problem.objects_of(goal.lamp_type)
        instances = problem.objects_of(goal.object_type).bit_count()
        assert goal.count <= instances <= max(goal.count, difficulty.instances)
        assert len(problem.objects) - needed.bit_count() == difficulty.distractors


def test_hidden__says_where_objects_start() -> None:
    shares = {}
    for hidden in (0.0, 1.0):
        games = GeneratedGames({"hidden": hidden})
        closed = total = 0
        for task in _ids("train", 20):
            problem = games.game(task).problem
            for place, things in zip(problem.receptacles, problem.contents, strict=True):
                closed += things.bit_count() * place.openable
                total += things.bit_count()
        shares[hidden] = closed / total
    assert shares[0.0] < 0.02 < 0.6 < shares[1.0]


def test_objects__can_be_put_back_where_they_were() -> None:
    for name in PRESETS:
        for task in _ids("train", 20):
            problem = GeneratedGames(name).game(task).problem
            for place, things in zip(problem.receptacles, problem.contents, strict=True):
                assert not things & problem.able["pickupable"] & ~place.accepts, (task, place.name)


def test_games__vary_as_official_ones_do() -> None:
    games = [GeneratedGames().game(task) for task in _ids("train", 100)]
    shared = [len({each.location for each in game.problem.receptacles}) for game in games]
    receptacles = [len(game.problem.receptacles) for game in games]
    assert sum(a < b for a, b in zip(shared, receptacles, strict=True)) > len(games) / 2
    assert any(game.problem.flags[2] for game in games)  # something starts cool
    assert len({game.task for game in games}) > len(games) / 2
    assert len({re.sub(r"\d+", "", game.walkthrough[0]) for game in games}) >= 15
    for name in TASK_TYPES:
        assert len({_layout(game) for game in games if game.problem.goal.task_type == name}) > 40


# Splits


def test_splits__share_no_game_and_no_unseen_room() -> None:
    games = GeneratedGames("easy")
    made = {split: [games.game(task) for task in _ids(split, 250)] for split in SPLITS}
    layouts = {split: {_layout(game) for game in made[split]} for split in SPLITS}
    same = {split: {_same(game) for game in made[split]} for split in SPLITS}
    assert not layouts["valid_unseen"] & (layouts["train"] | layouts["valid_seen"])
    assert len(layouts["train"] & layouts["valid_seen"]) > 100
    for one, other in (("train", "valid_seen"), ("train", "valid_unseen"), ("valid_seen", "valid_unseen")):
        assert not same[one] & same[other]


def test_splits__stay_apart_where_games_are_so_few_that_they_repeat() -> None:
    games = GeneratedGames(TINY)
    tasks = {split: _ids(split, 1000, ("pick_heat_then_place_in_recep",)) for split in SPLITS}
    drawn = {split: [_same(games.game(task)) for task in tasks[split]] for split in SPLITS}
    assert all(len(set(each)) < 900 for each in drawn.values())
    assert not set(drawn["train"]) & set(drawn["valid_seen"])
    assert not set(drawn["valid_unseen"]) & (set(drawn["train"]) | set(drawn["valid_seen"]))


def test_splits__stay_apart_between_difficulties() -> None:
    rooms = {
        (split, name): {_layout(GeneratedGames(name).game(task)) for task in _ids(split, 60)}
        for split in ("train", "valid_unseen")
        for name in ("easy", "normal")
    }
    assert not rooms["train", "easy"] & rooms["valid_unseen", "normal"]
    assert not rooms["train", "normal"] & rooms["valid_unseen", "easy"]


# Ids, texts, difficulty


def test_tasks__are_a_million_of_each_type() -> None:
    games = GeneratedGames("easy", ("pick_and_place_simple", "pick_two_obj_and_place"))
    tasks = games.tasks("valid_seen")
    assert len(tasks) == 2 * GAMES_PER_TYPE
    assert tasks[0] == "valid_seen/pick_and_place_simple/0"
    assert tasks[-1] == "valid_seen/pick_two_obj_and_place/999999"
    assert tasks[-1] in tasks
    assert "train/pick_and_place_simple/0" not in tasks
    assert games.game(tasks[-1]).problem.goal.task_type == "pick_two_obj_and_place"


@pytest.mark.parametrize(
    "task",
    ["", "train", "test/pick_and_place_simple/0", "train/pick_and_place_simple/1000000", "train/look/1"],
)
def test_game__of_an_unknown_task_is_refused(task: str) -> None:
    games = GeneratedGames("easy")
    for ask in (games.game, games.record):
        with pytest.raises(UnknownNameError, match="no generated game named"):
            ask(task)


def test_games__of_unknown_types_and_splits_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="pick_and_place_simple"):
        GeneratedGames("easy", ("pick_and_place_simpel",))  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="Did you mean 'valid_seen'"):
        GeneratedGames("easy").tasks("valid_sen")


def test_record__reads_as_the_game() -> None:
    for name in PRESETS:
        games = GeneratedGames(name)
        for task in _ids("train", 20):
            assert game_from_record(games.record(task)) == games.game(task)


def test_games__are_the_same_in_every_process() -> None:
    tasks = [task for split in SPLITS for task in _ids(split, 5)]
    program = (
        "import json, sys; from agentgym.hashing import digest\n"
        "from envs.alfworld.generator import GeneratedGames\n"
        "print(digest([GeneratedGames().record(task) for task in json.load(sys.stdin)]))"
    )
    root = Path(__file__).parents[3]
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(tasks),
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1")
    }
    assert printed == {digest([GeneratedGames().record(task) for task in tasks])}


def test_difficulty__reads_names_and_values() -> None:
    assert Difficulty.of("hard") is PRESETS["hard"]
    assert Difficulty.of(PRESETS["easy"]) is PRESETS["easy"]
    assert Difficulty.of({"hidden": 1, "receptacles": 9}) == Difficulty(receptacles=9, hidden=1)
    assert Difficulty.of({}) == PRESETS["normal"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("esay", "Did you mean 'easy'"),
        ({"receptacle": 9}, "Did you mean 'receptacles'"),
        (7, "Expected one of 'easy', 'normal', 'hard'"),
        ({"receptacles": 4}, "`receptacles` is 4 .* at least 5"),
        ({"receptacles": True}, "`receptacles` is True"),
        ({"receptacles": 9.5}, "`receptacles` is 9.5"),
        ({"distractors": -1}, "from 0 to 60"),
        ({"instances": 4}, "from 1 to 3"),
        ({"hidden": 1.5}, "from 0 to 1"),
        ({"openable": "0.5"}, "`openable` is '0.5'"),
        ({"hidden": float("nan")}, "`hidden` is nan"),
        ({"receptacles": 40, "openable": 0.1}, "bathroom has space for|kitchen has space for"),
    ],
)
def test_difficulty__refuses_what_cannot_be(value: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Difficulty.of(value)


# Like the official games


@pytest.mark.data
def test_tables__are_those_of_the_official_games(data_root: Path) -> None:
    games = OfficialGames(data_root / "alfworld")
    contained, able, openable = set[tuple[str, str]](), Counter[tuple[str, str]](), set[str]()
    known = {f"{kind}Type".lower() for kind in ABILITIES["pickupable"] | FIXED.keys()}
    for task in (task for split in SPLITS for task in games.tasks(split)):
        facts = read_expression(games.record(task)["pddl_problem"])
        init = next(part[1:] for part in facts if isinstance(part, list) and part[0] == ":init")
        contained |= {(str(fact[1]), str(fact[2])) for fact in init if fact[0] == "cancontain"}
        problem = games.game(task).problem
        openable |= {place.type for place in problem.receptacles if place.openable}
        for name, things in problem.able.items():
            able.update({(name, problem.types[thing]) for thing in bits(things)})
    missing = {pair for pair in contained if pair[1] in known} - {
        (f"{place}Type".lower(), f"{thing}Type".lower()) for place in HOLDS for thing in HOLDS[place]
    }
    assert not missing
    assert openable == {f"{kind}Type".lower() for kind in OPENABLE}
    ours = {(name.lower(), f"{kind}Type".lower()) for name, kinds in ABILITIES.items() for kind in kinds}
    assert {pair for pair in able if pair[1] in known} <= ours


@pytest.mark.data
def test_sentences__are_those_of_the_official_games(data_root: Path) -> None:
    games = OfficialGames(data_root / "alfworld")
    used = set[str]()
    for task in games.tasks("valid_seen"):
        game = games.game(task)
        blanks = {"thing": "[a-z]+", "target": "[a-z]+", "lamp": "[a-z]+"}
        fitting = {
            sentence
            for sentence in SENTENCES[game.problem.goal.task_type]
            if re.fullmatch(
                re.escape(sentence).replace(r"\{", "{").replace(r"\}", "}").format(**blanks), game.task
            )
        }
        assert len(fitting) == 1, game.task
        used |= fitting
    assert used == {sentence for pair in SENTENCES.values() for sentence in pair}
