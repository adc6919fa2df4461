"""The observing expert: what it does, that it knows nothing hidden, and that it carries on from anything."""

from __future__ import annotations

import ast
import inspect
import json
import random
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym.errors import DataError
from envs.alfworld import likely, memory, observing
from envs.alfworld.game import Game, read_game
from envs.alfworld.generator import GeneratedGames
from envs.alfworld.goal import TASK_TYPES
from envs.alfworld.memory import Memory
from envs.alfworld.observing import ObservingExpert
from envs.alfworld.progress import SubGoals
from envs.alfworld.text import feedback, introduce
from envs.alfworld.world import World
from tests.envs.alfworld.houses import CLEAN_APPLE, LIGHT_APPLE, PLACE_APPLE, TWO_APPLES, game, world

HEAT_APPLE = CLEAN_APPLE.replace("cleanable", "heatable").replace("isClean", "isHot")
COOL_APPLE = CLEAN_APPLE.replace("cleanable", "coolable").replace("isClean", "isCool")
GOALS = (PLACE_APPLE, CLEAN_APPLE, HEAT_APPLE, COOL_APPLE, TWO_APPLES, LIGHT_APPLE)


class Session:
    """A state, and an expert that is told what is seen."""

    def __init__(self, state: World) -> None:
        self.state = state
        self.goals = SubGoals(state.problem)
        self.expert = ObservingExpert(state.problem.goal, introduce(state, "do it."))

    def admissible(self) -> list[str]:
        return sorted(self.state.moves())

    def act(self, command: str) -> str:
        """Carry out anybody's command."""
        move = self.state.moves()[command]
        self.state.apply(move)
        observation = feedback(self.state, move)
        self.expert.observe(command, observation)
        return observation

    def solve(self, limit: int = 50) -> list[str]:
        """Play the expert's commands until the goal is reached."""
        done = list[str]()
        while not self.goals.won(self.state):
            assert len(done) < limit, f"not won after {done}"
            done.append(self.expert.next_command(self.admissible()))
            self.act(done[-1])
        return done


def session(goal: str, *commands: str, more: str = "") -> Session:
    """The kitchen, with more initial facts, after somebody's commands."""
    begun = Session(world(goal, more))
    for command in commands:
        begun.act(command)
    return begun


def test_expert__looks_where_the_thing_usually_lies() -> None:
    assert session(PLACE_APPLE).solve() == [
        "go to fridge 1",
        "open fridge 1",
        "take apple 1 from fridge 1",
        "go to countertop 1",
        "move apple 1 to countertop 1",
    ]


def test_expert__processes_the_thing() -> None:
    for goal, process in (
        (CLEAN_APPLE, ["go to sinkbasin 1", "clean apple 1 with sinkbasin 1"]),
        (HEAT_APPLE, ["go to microwave 1", "heat apple 1 with microwave 1"]),
        (COOL_APPLE, ["cool apple 1 with fridge 1"]),  # it was cold, which nobody has told the expert
    ):
        assert [step for step in session(goal).solve() if step in process] == process


def test_expert__brings_both_things_to_one_place() -> None:
    assert session(TWO_APPLES).solve() == [
        "go to fridge 1",
        "open fridge 1",
        "take apple 1 from fridge 1",
        "go to countertop 1",
        "move apple 1 to countertop 1",
        "go to microwave 1",
        "open microwave 1",
        "go to sinkbasin 1",
        "take apple 2 from sink 1",
        "go to countertop 1",
        "move apple 2 to countertop 1",
    ]


def test_expert__finds_the_lamp() -> None:
    steps = session(LIGHT_APPLE).solve()
    assert steps[-1] == "use desklamp 1"
    assert "go to countertop 1" in steps


def test_expert__sees_a_lamp_at_once_where_the_admissible_commands_name_it() -> None:
    begun = session(LIGHT_APPLE, "go to sink 1", "take apple 2 from sink 1", "go to drawer 1")
    assert begun.expert.next_command(begun.admissible()) == "use desklamp 1"


def test_expert__puts_down_what_others_took() -> None:
    begun = session(PLACE_APPLE, "go to drawer 1", "open drawer 1", "take knife 1 from drawer 1")
    assert begun.solve()[0] == "move knife 1 to countertop 1"


def test_expert__tries_every_place_until_one_takes_what_others_took() -> None:
    bear = """(objectType TeddyBear_bar_1 TeddyBearType) (pickupable TeddyBear_bar_1)
    (inReceptacle TeddyBear_bar_1 CounterTop_bar_1) (canContain MicrowaveType TeddyBearType)"""
    begun = session(PLACE_APPLE, "go to countertop 1", "take teddybear 1 from countertop 1", more=bear)
    assert "move teddybear 1 to microwave 1" in begun.solve(20)


def test_expert__fills_the_place_that_others_began_to_fill() -> None:
    counter = """(receptacleType CounterTop_bar_2 CounterTopType)
    (receptacleAtLocation CounterTop_bar_2 loc_bar_9)"""
    for place in ("countertop 1", "countertop 2"):
        start = ("go to sink 1", "take apple 2 from sink 1", f"go to {place}", f"move apple 2 to {place}")
        assert session(TWO_APPLES, *start, more=counter).solve()[-1] == f"move apple 1 to {place}"


def test_expert__follows_a_thing_that_others_moved() -> None:
    begun = session(CLEAN_APPLE, "go to fridge 1", "open fridge 1", "take apple 1 from fridge 1")
    for command in ("go to microwave 1", "open microwave 1", "move apple 1 to microwave 1"):
        begun.act(command)
    begun.act("close microwave 1")
    assert begun.solve()[:2] == ["open microwave 1", "take apple 1 from microwave 1"]


def test_expert__cleans_again_nothing_that_others_cleaned() -> None:
    begun = session(CLEAN_APPLE, "go to sink 1", "take apple 2 from sink 1", "clean apple 2 with sink 1")
    assert begun.solve() == ["go to countertop 1", "move apple 2 to countertop 1"]


def test_expert__heats_again_what_others_cooled() -> None:
    begun = session(HEAT_APPLE, "go to sink 1", "take apple 2 from sink 1", "go to microwave 1")
    for command in ("heat apple 2 with microwave 1", "go to fridge 1", "cool apple 2 with fridge 1"):
        begun.act(command)
    assert begun.solve()[:2] == ["go to microwave 1", "heat apple 2 with microwave 1"]


def test_expert__lifts_nothing_that_is_where_it_belongs() -> None:
    begun = session(TWO_APPLES, "go to sink 1", "take apple 2 from sinkbasin 1", "go to countertop 1")
    begun.act("move apple 2 to countertop 1")
    assert "take apple 2 from countertop 1" not in begun.solve()


def test_expert__learns_what_is_held_from_the_inventory() -> None:
    begun = session(PLACE_APPLE)
    begun.expert.observe("inventory", "You are carrying: a apple 2.")
    assert begun.expert.next_command(["go to countertop 1", "go to fridge 1", "look"]) == "go to countertop 1"


def test_expert__gives_an_admissible_command_whatever_it_is_asked() -> None:
    lost = ObservingExpert(world().problem.goal, "No list of a room.")
    assert lost.next_command(["go to fridge 1", "look"]) == "look"
    assert lost.next_command(["examine fridge 1"]) == "examine fridge 1"
    assert lost.next_command([]) == "look"


def test_expert__knows_no_module_that_holds_hidden_facts() -> None:
    assert set(_imports(observing)) & _FAMILY == {"goal", "likely", "memory"}
    assert not set(_imports(memory)) & _FAMILY
    assert not set(_imports(likely)) & _FAMILY


_FAMILY = {path.stem for path in Path(inspect.getfile(observing)).parent.glob("*.py")}


def _imports(module: ModuleType) -> Iterator[str]:
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom):
            yield str(node.module).rpartition(".")[2]
        elif isinstance(node, ast.Import):
            yield from (each.name.rpartition(".")[2] for each in node.names)


@given(goal=st.sampled_from(GOALS), seed=st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_expert__does_the_same_on_the_same_texts(goal: str, seed: int) -> None:
    """Replay the texts of a game, without its state, to an expert with the goal of another household."""
    begun, rng = session(goal), random.Random(seed)
    other = world(goal, "(inReceptacle Apple_bar_3 Microwave_bar_1) (objectType Apple_bar_3 AppleType)")
    twin = ObservingExpert(other.problem.goal, introduce(begun.state, "do it."))
    for _ in range(30):
        wish = begun.expert.next_command(begun.admissible())
        assert twin.next_command(begun.admissible()) == wish
        command = wish if rng.random() < 0.6 else rng.choice(begun.admissible())
        twin.observe(command, begun.act(command))


@given(goal=st.sampled_from(GOALS), seed=st.integers(0, 2**32), share=st.sampled_from([0.2, 0.5, 1.0]))
@settings(max_examples=150, deadline=None)
def test_expert__wins_after_others_have_acted_in_between(goal: str, seed: int, share: float) -> None:
    begun, rng = session(goal), random.Random(seed)
    for _ in range(30):
        wish = begun.expert.next_command(begun.admissible())
        begun.act(rng.choice(begun.admissible()) if rng.random() < share else wish)
    assert len(begun.solve()) <= 20


@given(goal=st.sampled_from(GOALS), seed=st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_expert__saved_carries_on_alike(goal: str, seed: int) -> None:
    begun, rng = session(goal), random.Random(seed)
    for _ in range(20):
        kept = begun.expert.save()
        saved = json.loads(json.dumps(kept))
        twin = ObservingExpert.load(begun.state.problem.goal, saved)
        assert twin.next_command(begun.admissible()) == begun.expert.next_command(begun.admissible())
        assert twin.save() == begun.expert.save() == saved, "being asked has changed it"
        begun.act(rng.choice(begun.admissible()))
        assert twin.save() == kept == saved, "they share what they remember"


@given(task=st.sampled_from(TASK_TYPES), number=st.integers(0, 10**6 - 1))
@settings(max_examples=120, deadline=None)
def test_expert__wins_generated_games(task: str, number: int) -> None:
    begun = Session(World(GeneratedGames().game(f"valid_unseen/{task}/{number}").problem))
    assert len(begun.solve()) <= 50


@pytest.fixture(scope="module")
def official(data_root: Path) -> list[Game]:
    paths = sorted(data_root.glob("alfworld/json_2.1.1/*/*/*/game.tw-pddl"))
    assert paths, "the folder of data holds no game"
    return [read_game(path) for path in paths]


@pytest.mark.data
def test_expert__wins_every_official_game_within_50_steps(official: list[Game]) -> None:
    lengths = [len(Session(World(each.problem)).solve()) for each in official]
    assert sum(lengths) / len(lengths) < 9


def _saved(**changes: Any) -> dict[str, Any]:
    return {**ObservingExpert(game().problem.goal, "you see nothing.").save(), **changes}


@pytest.mark.parametrize(
    "saved",
    [
        None,
        [],
        "memory",
        {},
        _saved(more=1),
        _saved(at=3),
        _saved(held=None),
        _saved(seen="fridge 1"),
        _saved(seen=["fridge 1", 2]),
        _saved(places=["fridge 1"]),
        _saved(inside={"fridge 1": ["egg 1"]}),
        _saved(inside={"fridge 1": "egg 1"}, places=["fridge 1"]),
        _saved(done={"clean": [], "heat": []}),
        _saved(done={"clean": [], "heat": [], "cool": [1]}),
    ],
)
def test_load__refuses_nonsense(saved: Any) -> None:
    with pytest.raises(DataError, match="memory of the expert"):
        ObservingExpert.load(game().problem.goal, saved)


def test_memory__reads_what_the_engine_says() -> None:
    begun = session(PLACE_APPLE, "go to countertop 1", "open drawer 1", "take knife 1 from drawer 1")
    for command in ("close drawer 1", "go to fridge 1", "open fridge 1", "go to countertop 1"):
        begun.act(command)
    known = Memory.load(begun.expert.save())
    assert known.places == [
        "countertop 1", "drawer 1", "fridge 1", "microwave 1", "sink 1", "sinkbasin 1",
    ]  # fmt: skip
    assert (known.at, known.held, known.seen) == (
        "countertop 1",
        "knife 1",
        ["countertop 1", "drawer 1", "fridge 1"],
    )
    assert known.inside["countertop 1"] == ["desklamp 1", "plate 1"]
    assert known.inside["drawer 1"] == []
    assert known.closed == ["drawer 1"]


def test_memory__a_place_that_something_was_put_into_has_not_been_looked_into() -> None:
    begun = session(PLACE_APPLE, "go to sink 1", "take apple 2 from sink 1", "move apple 2 to sinkbasin 1")
    known = Memory.load(begun.expert.save())
    assert known.inside["sinkbasin 1"] == ["apple 2"]
    assert known.seen == ["sink 1"]
