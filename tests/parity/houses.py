"""Households drawn at random: small, and full of what official games seldom have.

Several receptacles stand at one location, objects lie in three of them at once or at a place of their own,
things are clean, cool or on from the start, and the agent may begin before a receptacle.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from tests.envs.alfworld.houses import CLEAN_APPLE, LIGHT_APPLE, PLACE_APPLE, TWO_APPLES, record

__all__ = ["house", "random_house"]

_RECEPTACLES: Final = {  # type: whether it can be opened
    "CounterTop": False,
    "Shelf": False,
    "Drawer": True,
    "Fridge": True,
    "Microwave": True,
    "Sink": False,
    "SinkBasin": False,
}
_OBJECTS: Final = ("Apple", "Egg", "Knife", "ButterKnife", "Plate", "DeskLamp")
_ABILITIES: Final = (
    "pickupable",
    "cleanable",
    "heatable",
    "coolable",
    "sliceable",
    "toggleable",
    "isReceptacleObject",
)
_FLAGS: Final = ("isClean", "isHot", "isCool", "isSliced", "isToggled", "isOn")
_GOALS: Final = (PLACE_APPLE, CLEAN_APPLE, TWO_APPLES, LIGHT_APPLE)
_KINDS: Final = {
    "atLocation": ("agent", "location"),
    "receptacleType": ("receptacle", "rtype"),
    "receptacleAtLocation": ("receptacle", "location"),
    "openable": ("receptacle",),
    "opened": ("receptacle",),
    "canContain": ("rtype", "otype"),
    "objectType": ("object", "otype"),
    "inReceptacle": ("object", "receptacle"),
    "objectAtLocation": ("object", "location"),
}

Fact: TypeAlias = tuple[str, ...]
"""A predicate and what it is about."""


def house(facts: Iterable[Fact], goal: str = PLACE_APPLE) -> dict[str, Any]:
    """Write a household as the file of a game holds it.

    Args:
        facts: Its initial facts, as in PDDL.
        goal: Its goal, as in PDDL.
    """
    known = list(dict.fromkeys(facts))
    declared = {"agent1": "agent", **dict.fromkeys(_types(_OBJECTS), "otype")}
    declared |= dict.fromkeys(_types(_RECEPTACLES), "rtype")
    for name, *arguments in known:
        declared |= dict(zip(arguments, _KINDS.get(name, ("object", "object")), strict=False))
    objects = "\n".join(f"{name} - {kind}" for name, kind in declared.items())
    init = "\n".join(f"({' '.join(fact)})" for fact in known)
    return record(
        pddl_problem=f"(define (problem house)\n(:domain alfred)\n(:objects\n{objects}\n)\n"
        f"(:init\n{init}\n)\n(:goal {goal}))"
    )


def random_house(rng: random.Random) -> dict[str, Any]:
    """Draw a household with a goal that can be reached."""
    places = ["CounterTop_bar_1", "Sink_bar_1_bar_SinkBasin"]
    places += [f"{rng.choice(list(_RECEPTACLES))}_bar_{number}" for number in range(2, rng.randint(4, 9))]
    at = {place: f"loc_bar_{rng.randint(1, 3)}" for place in places}
    things = ["Apple_bar_1", "Apple_bar_2", "DeskLamp_bar_1"]
    things += [f"{rng.choice(_OBJECTS)}_bar_{number}" for number in range(3, rng.randint(5, 9))]
    return house([*_rooms(rng, at), *_things(rng, at, things)], rng.choice(_GOALS))


def _type(name: str) -> str:
    return f"{'SinkBasin' if 'Basin' in name else name.split('_')[0]}Type"


def _types(names: Iterable[str]) -> list[str]:
    return [f"{name}Type" for name in names]


def _rooms(rng: random.Random, at: dict[str, str]) -> Iterator[Fact]:
    yield "atLocation", "agent1", f"loc_bar_{rng.choice([0, 0, 0, 1])}"
    for place, where in at.items():
        kind = _type(place)
        yield "receptacleType", place, kind
        yield "receptacleAtLocation", place, where
        if _RECEPTACLES[kind.removesuffix("Type")]:
            yield "openable", place
            if rng.random() < 0.2:
                yield "opened", place
        for name in _OBJECTS:
            if rng.random() < 0.8 or (kind, name) == ("CounterTopType", "Apple"):
                yield "canContain", kind, f"{name}Type"


def _things(rng: random.Random, at: dict[str, str], things: list[str]) -> Iterator[Fact]:
    """Facts about the objects; apples and the first lamp can do what the goals ask of them."""
    for thing in things:
        yield "objectType", thing, _type(thing)
        inside = rng.sample(list(at), rng.choice([1, 1, 2, 3]))
        for place in inside:
            yield "inReceptacle", thing, place
        for place in inside[: rng.choice([0, 1, 1, 1, 2])]:
            yield "objectAtLocation", thing, at[place]
        sure = {"Apple": ("pickupable", "cleanable"), "DeskLamp": ("toggleable",)}.get(
            thing.split("_")[0], ()
        )
        for able in _ABILITIES:
            if able in sure or rng.random() < (0.1 if able.startswith("is") else 0.5):
                yield able, thing
        for flag in _FLAGS:
            if rng.random() < 0.15:
                yield flag, thing
    if rng.random() < 0.5:
        yield "inReceptacleObject", *rng.sample(things, 2)
