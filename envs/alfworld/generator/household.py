"""Households: a layout, a goal and the objects, drawn so that the goal can be reached and is not yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from agentgym.hashing import digest
from envs.alfworld.generator.dice import Dice
from envs.alfworld.generator.difficulty import Difficulty
from envs.alfworld.generator.layout import TEMPLATES, Layout, lay_out
from envs.alfworld.generator.rooms import ROOMS, ROOMS_OF_TASK, RoomKind
from envs.alfworld.generator.things import ABILITIES, FIXED, PLACES
from envs.alfworld.goal import TaskType

__all__ = ["STATIONS", "Aim", "Household", "Thing", "draw_household"]

STATIONS: Final[dict[TaskType, tuple[str, str]]] = {
    "pick_clean_then_place_in_recep": ("SinkBasin", "cleanable"),
    "pick_heat_then_place_in_recep": ("Microwave", "heatable"),
    "pick_cool_then_place_in_recep": ("Fridge", "coolable"),
}
"""For each task that changes an object: the type of receptacle that does it, and what the object must be."""

_LAMPS: Final = ("DeskLamp", "DeskLamp", "DeskLamp", "FloorLamp")
_ALIKE: Final = 3
_COMMON_SHARE: Final = 0.75
_COOL_IN_FRIDGE: Final = 0.1
_HELD_BACK_SHARE: Final = 0.25


class Aim(NamedTuple):
    """What a task asks for.

    Attributes:
        task_type: The kind of task.
        thing: Type of the object: "Apple".
        target: Type of the receptacle it must get to; "" for a look in the light.
        lamp: Type of the lamp; "" elsewhere.
    """

    task_type: TaskType
    thing: str
    target: str
    lamp: str

    @property
    def wanted(self) -> int:
        """Number of objects that must get to the target."""
        return 2 if self.task_type == "pick_two_obj_and_place" else 1


class Thing(NamedTuple):
    """An object: its type, the number of the receptacle it lies in, and whether it starts cool."""

    type: str
    where: int
    cool: bool = False


@dataclass(frozen=True, slots=True)
class Household:
    """A layout, a goal, and where the objects lie: those of the goal first."""

    layout: Layout
    aim: Aim
    things: tuple[Thing, ...]

    def digest(self) -> str:
        """Digest what makes the game: the goal, and for each receptacle its type and what lies in it.

        Numbers, locations and initial temperatures do not count, so games that differ by them alone are the
        same.
        """
        contents: list[list[str]] = [[kind] for kind in self.layout.types]
        for thing in sorted(self.things):
            contents[thing.where].append(thing.type)
        return digest([self.aim, sorted(contents)])


def draw_household(task_type: TaskType, split: str, dice: Dice, difficulty: Difficulty) -> Household:
    """Draw a household that belongs to a split.

    "valid_unseen" has layouts of its own. "train" and "valid_seen" have the same layouts; which of the two a
    game belongs to is decided by its digest. A household of the wrong side is drawn again.

    Args:
        task_type: The kind of task.
        split: "train", "valid_seen" or "valid_unseen".
        dice: Where chance comes from.
        difficulty: How large the room is, and how much lies in it.
    """
    while True:
        layout = _draw_layout(task_type, dice, difficulty, unseen=split == "valid_unseen")
        aims = _aims(task_type, layout)
        if not aims:
            continue
        aim = dice.one_of(dice.one_of(aims))
        household = Household(layout, aim, _scatter(aim, layout, dice, difficulty))
        held_back = int(household.digest()[:8], 16) < _HELD_BACK_SHARE * 2**32
        if split == "valid_unseen" or held_back == (split == "valid_seen"):
            return household


def _draw_layout(task_type: TaskType, dice: Dice, difficulty: Difficulty, *, unseen: bool) -> Layout:
    room = dice.one_of(ROOMS_OF_TASK[task_type])
    station, _ = STATIONS.get(task_type, ("", ""))
    return lay_out(room, station, dice.between(0, TEMPLATES[unseen] - 1), unseen, difficulty)


def _aims(task_type: TaskType, layout: Layout) -> tuple[tuple[Aim, ...], ...]:
    """List what a task of this type can ask for in a room: for each type of object, all that it can ask."""
    return _known_aims(task_type, layout.room, tuple(layout.by_type))


@lru_cache(maxsize=64)
def _known_aims(task_type: TaskType, room: RoomKind, places: tuple[str, ...]) -> tuple[tuple[Aim, ...], ...]:
    station, ability = STATIONS.get(task_type, ("", "pickupable"))
    found = []
    for thing in ROOMS[room].objects:
        fitting = [place for place in PLACES[thing] if place in places]
        if thing in FIXED or thing not in ABILITIES[ability] or not fitting:
            continue
        if task_type == "look_at_obj_in_light":
            lamps = [lamp for lamp in _LAMPS if any(place in places for place in FIXED[lamp])]
            aims = [Aim(task_type, thing, "", lamp) for lamp in lamps]
        else:
            targets = [place for place in fitting if place != station] if len(fitting) > 1 else []
            aims = [Aim(task_type, thing, target, "") for target in targets]
        if aims:
            found.append(tuple(aims))
    return tuple(found)


def _scatter(aim: Aim, layout: Layout, dice: Dice, difficulty: Difficulty) -> tuple[Thing, ...]:
    """Draw the objects and where they lie; those of the goal's type lie in no receptacle of the target's."""
    instances = dice.between(aim.wanted, max(aim.wanted, difficulty.instances))
    things = [_place(aim.thing, layout, dice, difficulty.hidden, aim.target) for _ in range(instances)]
    if aim.lamp:
        things.append(_place(aim.lamp, layout, dice, 0.0))
    room = ROOMS[layout.room]
    taken = {aim.thing, *(ABILITIES["toggleable"] if aim.lamp else ())}
    common, rare = (
        [
            each
            for each in kinds
            if each not in taken and any(place in layout.by_type for place in PLACES[each])
        ]
        for kinds in (room.common, room.rare)
    )
    alike = max(_ALIKE, -(-difficulty.distractors // max(1, len(common) + len(rare))))
    there = Counter[str]()
    for _ in range(difficulty.distractors):
        usual = common if common and (not rare or dice.share() < _COMMON_SHARE) else rare
        kind = dice.one_of(usual)
        there[kind] += 1
        if there[kind] == alike:
            usual.remove(kind)
        things.append(_place(kind, layout, dice, difficulty.hidden))
    return tuple(things)


def _place(kind: str, layout: Layout, dice: Dice, hidden: float, barred: str = "") -> Thing:
    """Draw where an object lies: first whether hidden, then the type of receptacle, then the receptacle."""
    places = [place for place in PLACES[kind] if place in layout.by_type and place != barred]
    closed = [place for place in places if layout.closed[layout.by_type[place][0]]]
    if closed and len(closed) < len(places):
        hide = dice.share() < hidden
        places = [place for place in places if (place in closed) == hide]
    place = dice.one_of(places)
    cool = place == "Fridge" and kind in ABILITIES["coolable"] and dice.share() < _COOL_IN_FRIDGE
    return Thing(kind, dice.one_of(layout.by_type[place]), cool)
