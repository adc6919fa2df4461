"""The rules: what is admissible and what it does, oddities of TextWorld included."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym.errors import DataError
from envs.alfworld.world import World
from tests.envs.alfworld.houses import play, problem, world


def commands(state: World) -> set[str]:
    return set(state.moves())


def test_moves__in_the_middle_of_the_room_lead_to_every_receptacle() -> None:
    assert commands(world()) == {
        "help", "inventory", "look", "go to countertop 1", "go to drawer 1", "go to fridge 1",
        "go to microwave 1", "go to sink 1", "go to sinkbasin 1",
    }  # fmt: skip


def test_moves__do_not_go_to_another_receptacle_at_the_same_location() -> None:
    at_counter = commands(play(world(), "go to countertop 1"))
    assert not at_counter & {"go to countertop 1", "go to drawer 1"}
    assert {"examine countertop 1", "examine drawer 1", "open drawer 1"} <= at_counter


def test_moves__a_closed_receptacle_hides_and_takes_nothing() -> None:
    state = play(world(), "go to fridge 1")
    assert "take apple 1 from fridge 1" not in commands(state)
    play(state, "open fridge 1")
    assert {"take apple 1 from fridge 1", "close fridge 1"} <= commands(state)
    play(state, "take apple 1 from fridge 1", "close fridge 1")
    assert "move apple 1 to fridge 1" not in commands(state)


def test_moves__the_first_id_of_a_name_has_the_highest_number() -> None:
    assert problem().names == ("apple 2", "apple 1", "desklamp 1", "fork 1", "knife 1", "plate 1")


def test_moves__an_object_in_two_receptacles_leaves_only_the_one_it_is_taken_from() -> None:
    state = play(world(), "go to sink 1")
    assert {"take apple 2 from sink 1", "take apple 2 from sinkbasin 1"} <= commands(state)
    play(state, "take apple 2 from sink 1", "move apple 2 to sink 1", "take apple 2 from sink 1")
    assert [names for names in state.contents if names & 1] == [1]  # still in the basin, although it is held


def test_moves__a_microwave_heats_while_it_is_closed() -> None:
    state = play(world(), "go to sink 1", "take apple 2 from sink 1", "go to microwave 1")
    assert "heat apple 2 with microwave 1" in commands(state)
    assert "move apple 2 to microwave 1" not in commands(state)


def test_apply__heating_takes_the_cold_away_and_cooling_the_heat() -> None:
    state = play(world(), "go to fridge 1", "open fridge 1", "take apple 1 from fridge 1")
    assert [bool(things & 2) for things in state.flags] == [False, False, True, False, False]
    play(state, "go to microwave 1", "heat apple 1 with microwave 1")
    assert [bool(things & 2) for things in state.flags] == [False, True, False, False, False]
    play(state, "go to fridge 1", "cool apple 1 with fridge 1")
    assert [bool(things & 2) for things in state.flags] == [False, False, True, False, False]


def test_moves__both_a_sink_and_its_basin_clean_where_the_domain_says_so() -> None:
    state = play(world(), "go to sink 1", "take apple 2 from sink 1")
    assert {"clean apple 2 with sink 1", "clean apple 2 with sinkbasin 1"} <= commands(state)


def test_moves__slicing_needs_a_knife_in_the_hand_and_the_thing_at_hand() -> None:
    state = play(world(), "go to drawer 1", "open drawer 1", "take knife 1 from drawer 1")
    assert not [command for command in commands(state) if command.startswith("slice")]
    play(state, "go to sink 1")
    assert "slice apple 2 with knife 1" in commands(state)


def test_moves__only_what_is_held_can_be_examined() -> None:
    state = play(world(), "go to countertop 1")
    assert "examine plate 1" not in commands(state)
    assert "examine plate 1" in commands(play(state, "take plate 1 from countertop 1"))


def test_key__is_equal_exactly_where_the_state_is() -> None:
    one, other = world(), world()
    assert one.key == other.key
    play(one, "go to fridge 1")
    assert one.key != other.key
    play(other, "go to sink 1", "go to fridge 1")
    assert one.key == other.key
    play(one, "open fridge 1", "take apple 1 from fridge 1", "move apple 1 to fridge 1")
    play(other, "open fridge 1")
    assert one.key == other.key


def test_key__differs_where_something_lies_in_a_closed_receptacle() -> None:
    one, other = world(), world()
    play(
        one,
        "go to fridge 1",
        "open fridge 1",
        "take apple 1 from fridge 1",
        "go to drawer 1",
        "open drawer 1",
    )
    play(
        one, "move apple 1 to drawer 1", "close drawer 1", "go to fridge 1", "close fridge 1", "go to sink 1"
    )
    play(other, "go to sink 1")
    assert one.key != other.key


def test_key__differs_between_households() -> None:
    assert world().key != world(more="(cleanable Plate_bar_1)").key


@given(seed=st.randoms(use_true_random=False), steps=st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_save__and_load_continue_alike(seed: st.DataObject, steps: int) -> None:
    state = world()
    for _ in range(steps):
        moves = state.moves()
        state.apply(moves[seed.choice(sorted(moves))])  # type: ignore[attr-defined]
    again = World.load(state.problem, json.loads(json.dumps(state.save())))
    assert (again.key, again.moves()) == (state.key, state.moves())
    twin = state.copy()
    play(twin, "look", *(command for command in ["go to fridge 1"] if command in twin.moves()))
    assert again.key == state.key


@pytest.mark.parametrize(
    "change",
    [
        {"location": 99},
        {"held": 6},
        {"contents": []},
        {"opened": 1 << 40},
        {"flags": "x"},
        {"taken": [1.5] * 6},
    ],
)
def test_load__refuses_what_is_no_state(change: dict[str, object]) -> None:
    state = world()
    with pytest.raises(DataError):
        World.load(state.problem, state.save() | change)
