"""Sub-goals as functions of the state."""

from __future__ import annotations

import pytest

from envs.alfworld.progress import SubGoals
from tests.envs.alfworld.houses import CLEAN_APPLE, LIGHT_APPLE, PLACE_APPLE, TWO_APPLES, play, world

PATHS = {
    PLACE_APPLE: [
        ("go to sink 1", 1 / 4),
        ("take apple 2 from sinkbasin 1", 2 / 4),
        ("go to countertop 1", 3 / 4),
        ("move apple 2 to countertop 1", 1.0),
    ],
    CLEAN_APPLE: [
        ("go to sink 1", 1 / 5),
        ("take apple 2 from sinkbasin 1", 2 / 5),
        ("go to countertop 1", 2 / 5),
        ("go to sink 1", 2 / 5),
        ("clean apple 2 with sink 1", 3 / 5),
        ("go to countertop 1", 4 / 5),
        ("move apple 2 to countertop 1", 1.0),
    ],
    TWO_APPLES: [
        ("go to sink 1", 1 / 8),
        ("take apple 2 from sinkbasin 1", 2 / 8),
        ("go to countertop 1", 3 / 8),
        ("move apple 2 to countertop 1", 4 / 8),
        ("go to fridge 1", 4 / 8),
        ("open fridge 1", 5 / 8),
        ("take apple 1 from fridge 1", 6 / 8),
        ("go to countertop 1", 7 / 8),
        ("move apple 1 to countertop 1", 1.0),
    ],
    LIGHT_APPLE: [
        ("go to sink 1", 1 / 4),
        ("take apple 2 from sink 1", 2 / 4),
        ("go to countertop 1", 3 / 4),
        ("use desklamp 1", 1.0),
    ],
}


@pytest.mark.parametrize("goal", PATHS)
def test_progress__along_a_solution(goal: str) -> None:
    state = world(goal)
    goals = SubGoals(state.problem)
    assert goals.progress(state) == 0.0
    for command, expected in PATHS[goal]:
        play(state, command)
        assert goals.progress(state) == pytest.approx(expected), command
        assert goals.won(state) == (expected == 1.0)


def test_progress__of_the_light_may_begin_with_the_lamp() -> None:
    state = world(LIGHT_APPLE)
    goals = SubGoals(state.problem)
    play(state, "go to countertop 1", "use desklamp 1")
    assert goals.progress(state) == pytest.approx(2 / 4)
    play(state, "go to sink 1", "take apple 2 from sink 1")
    assert not goals.won(state)
    play(state, "go to countertop 1")
    assert goals.won(state)


def test_progress__falls_when_what_was_reached_is_left() -> None:
    state = world()
    goals = SubGoals(state.problem)
    play(state, "go to sink 1", "go to fridge 1")
    assert goals.progress(state) == 0.0
