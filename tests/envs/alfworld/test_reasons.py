"""Reasons for commands without effect, and the texts of commands."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.alfworld.commands import FORMS, Spoken, normalise, read_command
from envs.alfworld.reasons import why_nothing
from envs.alfworld.world import World
from tests.envs.alfworld.houses import play, world

AT_COUNTER = ("go to countertop 1",)
WITH_KNIFE = (*AT_COUNTER, "open drawer 1", "take knife 1 from drawer 1")
WITH_APPLE = ("go to sink 1", "take apple 2 from sink 1")

REASONS = [
    ((), "go to desk 1", "There is no receptacle 'desk 1' in this house."),
    ((), "go to frige 1", "There is no receptacle 'frige 1' in this house. Did you mean fridge 1?"),
    (AT_COUNTER, "go to countertop 1", "You are already at countertop 1."),
    (AT_COUNTER, "go to drawer 1", "You are already at drawer 1."),
    ((), "open fridge 1", "You are not at fridge 1: go to fridge 1 first."),
    (AT_COUNTER, "open countertop 1", "The countertop 1 cannot be opened."),
    (AT_COUNTER, "close countertop 1", "The countertop 1 cannot be closed."),
    (AT_COUNTER, "close drawer 1", "The drawer 1 is already closed."),
    ((*AT_COUNTER, "open drawer 1"), "open drawer 1", "The drawer 1 is already open."),
    ((), "examine fridge 1", "You are not at fridge 1: go to fridge 1 first."),
    (AT_COUNTER, "examine plate 1", "Only what you hold can be examined: take plate 1 first."),
    (AT_COUNTER, "examine plate 2", "You do not see any 'plate 2' here. Did you mean plate 1?"),
    ((), "take apple 2 from sink 1", "You are not at sink 1: go to sink 1 first."),
    (AT_COUNTER, "take knife 1 from drawer 1", "The drawer 1 is closed: open drawer 1 first."),
    (AT_COUNTER, "take mug 1 from shelf 1", "There is no receptacle 'shelf 1' in this house."),
    (AT_COUNTER, "take desklamp 1 from countertop 1", "The desklamp 1 cannot be picked up."),
    (AT_COUNTER, "take egg 1 from countertop 1", "You do not see any 'egg 1' at countertop 1."),
    (
        AT_COUNTER,
        "take plate 3 from countertop 1",
        "You do not see any 'plate 3' at countertop 1. Did you mean plate 1?",
    ),
    (WITH_KNIFE, "take plate 1 from countertop 1", "Your hand is full: you are carrying knife 1."),
    ((), "move apple 2 to sink 1", "You are not carrying anything."),
    (WITH_KNIFE, "move apple 2 to countertop 1", "You are carrying knife 1, not 'apple 2'."),
    (WITH_APPLE, "move apple 2 to fridge 1", "You are not at fridge 1: go to fridge 1 first."),
    (
        (*WITH_APPLE, "go to fridge 1"),
        "move apple 2 to fridge 1",
        "The fridge 1 is closed: open fridge 1 first.",
    ),
    (WITH_APPLE, "heat apple 2 with sink 1", "Nothing can be heated with sink 1: that takes a microwave."),
    (WITH_APPLE, "cool apple 2 with sink 1", "Nothing can be cooled with sink 1: that takes a fridge."),
    (
        (*WITH_APPLE, "go to fridge 1"),
        "clean apple 2 with fridge 1",
        "Nothing can be cleaned with fridge 1: that takes a sink.",
    ),
    (
        (*WITH_KNIFE, "go to microwave 1"),
        "heat knife 1 with microwave 1",
        "The knife 1 cannot be heated.",
    ),
    (AT_COUNTER, "use plate 1", "The plate 1 cannot be turned on."),
    ((), "use desklamp 1", "You do not see any 'desklamp 1' here."),
    (WITH_KNIFE, "slice plate 1 with knife 1", "The plate 1 cannot be sliced."),
    (WITH_KNIFE, "slice apple 1 with knife 1", "You do not see any 'apple 1' here."),
    (WITH_KNIFE, "slice plate 1 with plate 1", "You are carrying knife 1, not 'plate 1'."),
    (
        (*WITH_APPLE, "go to countertop 1"),
        "slice plate 1 with apple 2",
        "The apple 2 cannot slice: that takes a knife or a butterknife.",
    ),
]


@pytest.mark.parametrize(("before", "command", "reason"), REASONS)
def test_reason__says_what_is_in_the_way(before: tuple[str, ...], command: str, reason: str) -> None:
    state = play(world(), *before)
    assert command not in state.moves()
    assert why_nothing(state, command) == reason


def test_reason__a_place_that_does_not_take_the_thing() -> None:
    bear = """(objectType TeddyBear_bar_1 TeddyBearType) (pickupable TeddyBear_bar_1)
    (inReceptacle TeddyBear_bar_1 CounterTop_bar_1)"""
    state = play(world(more=bear), "go to countertop 1", "take teddybear 1 from countertop 1")
    reason = why_nothing(state, "move teddybear 1 to countertop 1")
    assert reason == "The countertop 1 does not take such things as teddybear 1."


def test_reason__a_lamp_in_the_hand() -> None:
    state = play(
        world(more="(pickupable DeskLamp_bar_1)"), "go to countertop 1", "take desklamp 1 from countertop 1"
    )
    assert why_nothing(state, "use desklamp 1") == "The desklamp 1 is in your hand: put it down first."


def test_reason__a_thing_that_the_rules_place_elsewhere() -> None:
    odd = """(sliceable Plate_bar_2) (objectType Plate_bar_2 PlateType)
    (inReceptacle Plate_bar_2 CounterTop_bar_1) (objectAtLocation Plate_bar_2 loc_bar_2)"""
    state = play(world(more=odd), *WITH_KNIFE)
    assert why_nothing(state, "slice plate 1 with knife 1") == "The plate 1 is out of the knife's reach."


@pytest.mark.parametrize(
    "command", ["", " ", "dance", "go", "go to", "go kitchen", "take mug 1", "look up", "😀"]
)
def test_reason__lists_the_forms_of_commands(command: str) -> None:
    reason = why_nothing(world(), command)
    assert reason.startswith(f"{command!a} is no command.")
    assert ", ".join(FORMS) in reason


@given(
    text=st.one_of(
        st.text(),
        st.tuples(
            st.sampled_from(
                ["", "go to ", "take ", "move ", "use ", "clean ", "slice ", "examine ", "open "]
            ),
            st.text(),
            st.sampled_from(["", " from ", " to ", " with "]),
            st.text(),
        ).map("".join),
    ),
    times=st.sampled_from([1, 1000]),
)
@settings(deadline=None)
def test_reason__is_short_ascii_for_any_text(text: str, times: int) -> None:
    for command in (text * times, normalise(text * times)):
        reason = why_nothing(play(world(), *WITH_KNIFE), command)
        assert 0 < len(reason) < 800
        assert reason.isascii() and reason.isprintable()


def test_reason__quotes_at_most_40_characters() -> None:
    assert why_nothing(world(), "x" * 10**6).startswith(f"'{'x' * 40}' is no command.")
    assert f"'{'x' * 40}'" in why_nothing(world(), f"use {'x' * 200}")


@given(seed=st.integers(0, 2**32), steps=st.integers(0, 25))
@settings(max_examples=150, deadline=None)
def test_reason__does_not_depend_on_what_is_hidden(seed: int, steps: int) -> None:
    """Empty everything that the agent does not see: every reason stays the same, word for word."""
    rng, state = random.Random(seed), world()
    for _ in range(steps):
        state.apply(rng.choice(list(state.moves().values())))
    bare = state.copy()
    for place in range(len(bare.contents)):
        if place not in bare.here or not bare.is_open(place):
            bare.contents[place] = 0
    for command in _all_commands(state):
        if command not in state.moves() and command not in bare.moves():
            assert why_nothing(state, command) == why_nothing(bare, command)


@given(seed=st.integers(0, 2**32), steps=st.integers(0, 25))
@settings(max_examples=50, deadline=None)
def test_reason__is_known_for_every_command_about_real_things(seed: int, steps: int) -> None:
    rng, state = random.Random(seed), world()
    for _ in range(steps):
        state.apply(rng.choice(list(state.moves().values())))
    for command in _all_commands(state):
        if command not in state.moves():
            assert why_nothing(state, command) != "It has no effect now.", command


def _all_commands(state: World) -> list[str]:
    things, places = state.problem.names, [place.name for place in state.problem.receptacles]
    two = {"take": "from", "move": "to", "clean": "with", "heat": "with", "cool": "with"}
    return [
        *(f"{verb} {place}" for verb in ("go to", "open", "close", "examine") for place in places),
        *(f"{verb} {thing}" for verb in ("use", "examine") for thing in things),
        *(f"slice {one} with {other}" for one in things for other in things),
        *(
            f"{verb} {thing} {word} {place}"
            for verb, word in two.items()
            for thing in things
            for place in places
        ),
    ]


@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("  Go   To\tDesk 1\n", "go to desk 1"),
        ("put mug 1 in/on desk 1", "move mug 1 to desk 1"),
        ("Put mug 1 in desk 1", "move mug 1 to desk 1"),
        ("put mug 1 on desk 1", "move mug 1 to desk 1"),
        ("put mug 1 into drawer 1", "move mug 1 to drawer 1"),
        ("put mug 1 onto desk 1", "move mug 1 to desk 1"),
        ("put mug 1 into/onto desk 1", "move mug 1 to desk 1"),
        ("put mug 1", "put mug 1"),
        ("input mug 1 in desk 1", "input mug 1 in desk 1"),
        ("move mug 1 to desk 1", "move mug 1 to desk 1"),
        ("", ""),
        ("loo\N{KELVIN SIGN}", "loo\N{KELVIN SIGN}"),  # lower-casing would make it "look"
        ("go to des\N{KELVIN SIGN} 1", "go to des\N{KELVIN SIGN} 1"),
        ("go\N{NO-BREAK SPACE}to desk 1", "go\N{NO-BREAK SPACE}to desk 1"),
        (f"{' ' * 400}look", f"{' ' * 400}look"),
    ],
)
def test_normalise__evens_out(action: str, command: str) -> None:
    assert normalise(action) == command


@given(st.text())
def test_normalise__twice_is_as_once(action: str) -> None:
    assert normalise(normalise(action)) == normalise(action)


def test_normalise__leaves_every_command_as_it_is() -> None:
    for before in ((), WITH_KNIFE, WITH_APPLE):
        for command in play(world(), *before).moves():
            assert normalise(command) == command
            assert read_command(command) is not None


@pytest.mark.parametrize(
    ("command", "spoken"),
    [
        ("look", Spoken("look")),
        ("go to desk 1", Spoken("go", "desk 1")),
        ("use desklamp 1", Spoken("use", "desklamp 1")),
        ("take mug 1 from desk 1", Spoken("take", "mug 1", "desk 1")),
        ("slice egg 1 with knife 1", Spoken("slice", "egg 1", "knife 1")),
        ("take mug 1 to desk 1", None),
        ("take  from desk 1", None),
        ("inventory please", None),
        ("", None),
    ],
)
def test_command__is_read_by_its_form(command: str, spoken: Spoken | None) -> None:
    assert read_command(command) == spoken
