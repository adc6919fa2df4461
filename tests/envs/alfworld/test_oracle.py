"""The oracle: short ways from the start, and a way from any state."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.alfworld.game import Game, read_game
from envs.alfworld.generator import GeneratedGames
from envs.alfworld.goal import TASK_TYPES
from envs.alfworld.oracle import next_command
from envs.alfworld.problem import Problem
from envs.alfworld.progress import SubGoals
from envs.alfworld.world import World
from tests.envs.alfworld.houses import (
    CLEAN_APPLE,
    LIGHT_APPLE,
    PLACE_APPLE,
    TWO_APPLES,
    play,
    problem,
    world,
)

HEAT_APPLE = CLEAN_APPLE.replace("cleanable", "heatable").replace("isClean", "isHot")
COOL_APPLE = CLEAN_APPLE.replace("cleanable", "coolable").replace("isClean", "isCool")
GOALS = (PLACE_APPLE, CLEAN_APPLE, HEAT_APPLE, COOL_APPLE, TWO_APPLES, LIGHT_APPLE)
TEDDY = """(objectType TeddyBear_bar_1 TeddyBearType) (pickupable TeddyBear_bar_1)
(inReceptacle TeddyBear_bar_1 CounterTop_bar_1) (objectAtLocation TeddyBear_bar_1 loc_bar_1)"""


def solve(state: World, limit: int = 50) -> list[str]:
    """Play the oracle's commands until the goal is reached."""
    goals, done = SubGoals(state.problem), list[str]()
    while not goals.won(state):
        assert len(done) < limit, f"not won after {done}"
        done.append(next_command(state))
        play(state, done[-1])
    return done


def stroll(household: Problem, steps: int, rng: random.Random) -> World:
    """Do random admissible things; every kind of thing is as likely as any other."""
    state = World(household)
    for _ in range(steps):
        moves = state.moves()
        verb = rng.choice(sorted({move.verb for move in moves.values()}))
        state.apply(rng.choice([move for move in moves.values() if move.verb == verb]))
    return state


def is_lost(state: World) -> bool:
    """Whether the agent holds a thing that the task does not want and that it can put down nowhere."""
    wanted = state.problem.objects_of(state.problem.goal.object_type)
    sets = [wanted, *(place.accepts for place in state.problem.receptacles)]
    return state.held >= 0 and not any(things >> state.held & 1 for things in sets)


WAYS = {
    PLACE_APPLE: [
        "go to sink 1",
        "take apple 2 from sink 1",
        "go to countertop 1",
        "move apple 2 to countertop 1",
    ],
    CLEAN_APPLE: [
        "go to sink 1",
        "take apple 2 from sink 1",
        "clean apple 2 with sink 1",
        "go to countertop 1",
        "move apple 2 to countertop 1",
    ],
    HEAT_APPLE: [
        "go to sink 1",
        "take apple 2 from sink 1",
        "go to microwave 1",
        "heat apple 2 with microwave 1",
        "go to countertop 1",
        "move apple 2 to countertop 1",
    ],
    COOL_APPLE: [
        "go to fridge 1",
        "open fridge 1",
        "take apple 1 from fridge 1",
        "go to countertop 1",
        "move apple 1 to countertop 1",
    ],
    TWO_APPLES: [
        "go to sink 1",
        "take apple 2 from sink 1",
        "go to countertop 1",
        "move apple 2 to countertop 1",
        "go to fridge 1",
        "open fridge 1",
        "take apple 1 from fridge 1",
        "go to countertop 1",
        "move apple 1 to countertop 1",
    ],
    LIGHT_APPLE: ["go to sink 1", "take apple 2 from sink 1", "go to countertop 1", "use desklamp 1"],
}


@pytest.mark.parametrize("goal", WAYS)
def test_oracle__takes_the_shortest_way_of_each_kind_of_task(goal: str) -> None:
    # The apple in the fridge is cold from the start: to cool it again would be two commands too many.
    assert solve(world(goal)) == WAYS[goal]


def test_oracle__puts_a_wrong_thing_down_where_it_stands() -> None:
    state = play(world(), "go to drawer 1", "open drawer 1", "take knife 1 from drawer 1")
    assert solve(state)[0] == "move knife 1 to countertop 1"


def test_oracle__carries_a_wrong_thing_to_where_the_next_is_taken() -> None:
    state = play(
        world(), "go to drawer 1", "open drawer 1", "take knife 1 from drawer 1", "go to microwave 1"
    )
    # The microwave is closed: to open it would cost one command more than to put the knife into the sink.
    assert solve(state)[:3] == ["go to sink 1", "move knife 1 to sink 1", "take apple 2 from sink 1"]


def test_oracle__does_not_use_a_lamp_that_is_on() -> None:
    state = play(world(LIGHT_APPLE), "go to countertop 1", "use desklamp 1", "go to sink 1")
    assert solve(state) == ["take apple 2 from sink 1", "go to countertop 1"]


def test_oracle__puts_a_lamp_down_before_it_turns_it_on() -> None:
    movable = "(pickupable DeskLamp_bar_1) (canContain SinkType DeskLampType)"
    state = play(world(LIGHT_APPLE, movable), "go to countertop 1", "take desklamp 1 from countertop 1")
    assert solve(state) == [
        "go to sink 1",
        "move desklamp 1 to sink 1",
        "take apple 2 from sink 1",
        "use desklamp 1",
    ]


def test_oracle__fetches_a_clean_thing_from_the_wrong_closed_place() -> None:
    state = play(world(CLEAN_APPLE), "go to sink 1", "take apple 2 from sink 1", "clean apple 2 with sink 1")
    play(state, "go to drawer 1", "open drawer 1", "move apple 2 to drawer 1", "close drawer 1")
    assert solve(state) == [
        "open drawer 1",
        "take apple 2 from drawer 1",
        "move apple 2 to countertop 1",
    ]


def test_oracle__brings_the_second_thing_to_the_first() -> None:
    counter = """(receptacleType CounterTop_bar_2 CounterTopType)
    (receptacleAtLocation CounterTop_bar_2 loc_bar_9)"""
    state = play(world(TWO_APPLES, counter), "go to sink 1", "take apple 2 from sink 1", "go to countertop 2")
    play(state, "move apple 2 to countertop 2")
    assert solve(state)[-2:] == ["go to countertop 2", "move apple 1 to countertop 2"]


def test_oracle__need_not_bring_what_is_already_there_too() -> None:
    basin = CLEAN_APPLE.replace("CounterTopType", "SinkBasinType")
    # The apple lies in the sink and in its basin, and leaves only the sink, from which it is taken.
    assert solve(world(basin)) == ["go to sink 1", "take apple 2 from sink 1", "clean apple 2 with sink 1"]


def test_oracle__looks_where_the_game_is_lost() -> None:
    state = play(world(PLACE_APPLE, TEDDY), "go to countertop 1", "take teddybear 1 from countertop 1")
    assert is_lost(state)
    assert next_command(state) == "look"


def test_oracle__looks_where_the_game_is_won() -> None:
    for goal in GOALS:
        state = world(goal)
        solve(state)
        assert next_command(state) == "look"


def test_oracle__looks_where_nothing_serves_the_goal() -> None:
    assert next_command(world(PLACE_APPLE.replace("AppleType", "EggType"))) == "look"
    assert next_command(world(PLACE_APPLE.replace("CounterTopType", "SofaType"))) == "look"
    assert next_command(world(LIGHT_APPLE.replace("DeskLampType", "FloorLampType"))) == "look"


@given(goal=st.sampled_from(GOALS), seed=st.integers(0, 2**32), steps=st.integers(0, 40))
@settings(max_examples=300, deadline=None)
def test_oracle__wins_from_any_state_of_a_kitchen(goal: str, seed: int, steps: int) -> None:
    state = stroll(problem(goal, TEDDY), steps, random.Random(seed))
    if not is_lost(state):
        assert len(solve(state)) <= 12


@given(task=st.sampled_from(TASK_TYPES), number=st.integers(0, 10**6 - 1), steps=st.integers(0, 40))
@settings(max_examples=100, deadline=None)
def test_oracle__wins_from_any_state_of_generated_games(task: str, number: int, steps: int) -> None:
    game = GeneratedGames("hard").game(f"train/{task}/{number}")
    assert len(solve(stroll(game.problem, steps, random.Random(number)))) <= 14


@pytest.fixture(scope="module")
def official(data_root: Path) -> list[Game]:
    paths = sorted(data_root.glob("alfworld/json_2.1.1/*/*/*/game.tw-pddl"))
    assert paths, "the folder of data holds no game"
    return [read_game(path) for path in paths]


@pytest.mark.data
def test_oracle__is_as_short_as_the_walkthrough_of_every_official_game(official: list[Game]) -> None:
    for game in official:
        assert len(solve(World(game.problem))) <= len(game.walkthrough), game.task


@pytest.mark.data
def test_oracle__wins_official_games_from_a_thousand_random_states(official: list[Game]) -> None:
    rng = random.Random(20)
    states = [stroll(official[number % len(official)].problem, 40, rng) for number in range(1000)]
    fair = [state for state in states if not is_lost(state)]
    assert len(fair) > 900
    assert max(len(solve(state)) for state in fair) <= 14
