"""Layouts: which receptacles stand in a room, and which of them share a location.

As in ALFWorld, games are set in a limited number of rooms. A room is one of the templates of its kind, and
its layout is a function of the template's number and the difficulty. A digest of the types of receptacles and
their numbers decides whether a layout is a seen or an unseen one, so that no seen room can ever have the
receptacles of an unseen one, whatever the difficulty.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agentgym.hashing import digest
from envs.alfworld.generator.dice import Dice
from envs.alfworld.generator.difficulty import Difficulty
from envs.alfworld.generator.rooms import ROOMS, SHARING, Furniture, RoomKind
from envs.alfworld.generator.things import OPENABLE

__all__ = ["TEMPLATES", "Layout", "lay_out"]

TEMPLATES: Final = {False: 200, True: 50}
"""Number of templates of a kind of room: of seen rooms, and of unseen ones."""

_UNSEEN_SHARE: Final = 0.25
_STREAM: Final = 1  # keys of layouts begin with it, those of games with 0
_LARGEST_CROWD: Final = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """The receptacles of a room, sorted by type.

    Attributes:
        room: The kind of room.
        scene: Number of the template. Its hundreds tell the kind of room, as in ALFRED; its thousands, which
            ALFRED's floor plans lack, are 1 to 200 for seen rooms and 201 to 250 for unseen ones. Layouts of
            one template differ with the task's station and with the difficulty.
        types: Types of the receptacles: "CounterTop".
        ids: Their ids in PDDL: "CounterTop_bar_01".
        names: Their names in the texts: "countertop 2".
        locations: Numbers of the locations at which they stand, from 0.
        closed: Whether a receptacle starts closed.
        by_type: For each type, the numbers of its receptacles.
    """

    room: RoomKind
    scene: int
    types: tuple[str, ...]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    locations: tuple[int, ...]
    closed: tuple[bool, ...]
    by_type: dict[str, tuple[int, ...]]


@lru_cache(maxsize=64)
def lay_out(room: RoomKind, station: str, template: int, unseen: bool, difficulty: Difficulty) -> Layout:
    """Make the layout of a template.

    Args:
        room: The kind of room.
        station: A type of receptacle that it must have; "" if none.
        template: Number of the template, from 0.
        unseen: Whether the room is one of the unseen ones.
        difficulty: How many receptacles, and how many of them can be opened.
    """
    kinds = list(ROOMS)
    stations = ("", "Fridge", "Microwave", "SinkBasin")
    dice = Dice(_STREAM, kinds.index(room), stations.index(station), template, int(unseen))
    while True:
        types = _furnish(dice, room, station, difficulty)
        if _is_unseen(types) == unseen:
            break
    numbers = {
        kind: tuple(i for i, each in enumerate(types) if each == kind) for kind in dict.fromkeys(types)
    }
    return Layout(
        room=room,
        scene=1000 * (template + 1 + unseen * TEMPLATES[False]) + ROOMS[room].scene,
        types=types,
        ids=tuple(_identify(kind, i - numbers[kind][0] + 1) for i, kind in enumerate(types)),
        names=tuple(f"{kind.lower()} {numbers[kind][-1] - i + 1}" for i, kind in enumerate(types)),
        locations=_locate(dice, types),
        closed=tuple(kind in OPENABLE for kind in types),
        by_type=numbers,
    )


def _furnish(dice: Dice, room: RoomKind, station: str, difficulty: Difficulty) -> tuple[str, ...]:
    """Draw the types of the receptacles, one after the other; return them sorted."""
    size = dice.between(difficulty.fewest_receptacles, difficulty.most_receptacles)
    closable = int(difficulty.openable * size)
    chosen = Counter([dice.one_of(ROOMS[room].surfaces)])
    if station:
        chosen[station] = 1
    while chosen.total() < size:
        opened = sum(chosen[kind] for kind in OPENABLE)
        weights = [_weight(each, chosen[each.type], opened < closable) for each in ROOMS[room].furniture]
        chosen[ROOMS[room].furniture[dice.weighted(weights)].type] += 1
    return tuple(sorted(chosen.elements()))


def _weight(furniture: Furniture, there: int, may_open: bool) -> float:
    if there >= furniture.most or (furniture.type in OPENABLE and not may_open):
        return 0.0
    return furniture.more if there else furniture.first


def _is_unseen(types: tuple[str, ...]) -> bool:
    return int(digest(types)[:8], 16) < _UNSEEN_SHARE * 2**32


def _locate(dice: Dice, types: tuple[str, ...]) -> tuple[int, ...]:
    """Give each receptacle a location: its own, or that of an earlier one."""
    located: list[int] = []
    crowd = Counter[int]()
    for number, kind in enumerate(types):
        place = len(crowd)
        for other in reversed(range(number)):
            chance = SHARING.get((types[other], kind), 0.0)
            if chance and crowd[located[other]] < _LARGEST_CROWD:
                place = located[other] if dice.share() < chance else place
                break
        located.append(place)
        crowd[place] += 1
    return tuple(located)


def _identify(kind: str, number: int) -> str:
    """Write an id as ALFRED does; a basin is a part of its sink or bathtub."""
    if kind.endswith("Basin"):
        return f"{kind.removesuffix('Basin')}_bar_{number:02d}_bar_{kind}"
    return f"{kind}_bar_{number:02d}"
