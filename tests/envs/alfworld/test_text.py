"""The words of ALFWorld 0.4."""

from __future__ import annotations

from envs.alfworld.text import feedback, introduce
from envs.alfworld.world import World
from tests.envs.alfworld.houses import play, world


def say(state: World, command: str) -> str:
    move = state.moves()[command]
    state.apply(move)
    return feedback(state, move)


def test_introduce__lists_the_receptacles_by_id() -> None:
    assert introduce(world(), "put an apple in countertop.") == (
        "-= Welcome to TextWorld, ALFRED! =-\n\nYou are in the middle of a room. Looking quickly around you, "
        "you see a countertop 1, a drawer 1, a fridge 1, a microwave 1, a sink 1, and a sinkbasin 1.\n\n"
        "Your task is to: put an apple in countertop."
    )


def test_feedback__of_a_walk() -> None:
    state = world()
    assert say(state, "look") == (
        "You are in the middle of a room. Looking quickly around you, you see nothing."
    )
    assert say(state, "go to countertop 1") == (
        "You arrive at countertop 1. On the countertop 1, you see a desklamp 1, and a plate 1."
    )
    assert say(state, "look") == "You are facing the countertop 1, and drawer 1. Next to it, you see nothing."
    assert say(state, "examine drawer 1") == "The drawer 1 is closed."
    assert (
        say(state, "open drawer 1")
        == "You open the drawer 1. The drawer 1 is open. In it, you see a knife 1."
    )
    assert say(state, "inventory") == "You are not carrying anything."
    assert say(state, "take knife 1 from drawer 1") == "You pick up the knife 1 from the drawer 1."
    assert say(state, "inventory") == "You are carrying: a knife 1."
    assert say(state, "examine knife 1") == "There's nothing special about knife 1."
    assert say(state, "move knife 1 to countertop 1") == "You move the knife 1 to the countertop 1."
    assert (
        say(state, "look") == "You are facing the countertop 1, and drawer 1. Next to it, you see a knife 1."
    )
    assert say(state, "close drawer 1") == "You close the drawer 1."
    assert say(state, "use desklamp 1") == "You turn on the desklamp 1."


def test_feedback__of_an_object_that_was_changed() -> None:
    state = play(world(), "go to sink 1", "take apple 2 from sink 1")
    assert say(state, "clean apple 2 with sink 1") == "You clean the apple 2 using the sink 1."
    assert say(state, "examine apple 2") == "This is a clean apple 2."
    play(state, "go to microwave 1")
    assert say(state, "heat apple 2 with microwave 1") == "You heat the apple 2 using the microwave 1."
    assert say(state, "examine apple 2") == "This is a hot and clean apple 2."
    play(state, "go to fridge 1")
    assert say(state, "cool apple 2 with fridge 1") == "You cool the apple 2 using the fridge 1."
    assert say(state, "examine apple 2") == "This is a cool and clean apple 2."


def test_feedback__of_a_cold_object() -> None:
    state = play(world(), "go to fridge 1", "open fridge 1", "take apple 1 from fridge 1")
    assert say(state, "examine apple 1") == "This is a cold apple 1."


def test_feedback__of_slicing() -> None:
    state = play(world(), "go to drawer 1", "open drawer 1", "take knife 1 from drawer 1", "go to sink 1")
    assert say(state, "slice apple 2 with knife 1") == "You sliced the apple 2 with the knife 1."
    play(state, "move knife 1 to sink 1", "take apple 2 from sink 1")
    assert say(state, "examine apple 2") == "This is a sliced apple 2."


def test_feedback__of_an_object_that_holds_objects() -> None:
    state = play(world(), "go to countertop 1", "take plate 1 from countertop 1")
    assert say(state, "examine plate 1") == "This is a normal plate 1. In it, you see a fork 1."
