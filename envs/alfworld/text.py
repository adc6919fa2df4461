"""What ALFWorld 0.4 says, word for word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from envs.alfworld.problem import bits
from envs.alfworld.world import CLEAN, COOL, HOT, SLICED, TOGGLED, Move, World

__all__ = ["NOTHING_HAPPENS", "feedback", "introduce"]

NOTHING_HAPPENS: Final = "Nothing happens."

_ROOM: Final = "You are in the middle of a room. Looking quickly around you, you see {}."
_HELP: Final = """Available commands:
  look:                             look around your current location
  inventory:                        check your current inventory
  go to (receptacle):               move to a receptacle
  open (receptacle):                open a receptacle
  close (receptacle):               close a receptacle
  take (object) from (receptacle):  take an object from a receptacle
  move (object) to (receptacle):  place an object in or on a receptacle
  examine (something):              examine a receptacle or an object
  use (object):                     use an object
  heat (object) with (receptacle):  heat an object using a receptacle
  clean (object) with (receptacle): clean an object using a receptacle
  cool (object) with (receptacle):  cool an object using a receptacle
  slice (object) with (object):     slice an object using a sharp object
"""
_DESCRIPTIONS: Final = (
    ((CLEAN, HOT, SLICED), "This is a hot and clean sliced {}."),
    ((CLEAN, COOL, SLICED), "This is a cool and clean sliced {}."),
    ((CLEAN, SLICED), "This is a clean sliced {}."),
    ((HOT, SLICED), "This is a hot sliced {}."),
    ((COOL, SLICED), "This is a cool sliced {}."),
    ((CLEAN, HOT), "This is a hot and clean {}."),
    ((CLEAN, COOL), "This is a cool and clean {}."),
    ((HOT,), "This is a hot {}."),
    ((CLEAN,), "This is a clean {}."),
    ((COOL,), "This is a cold {}."),
    ((TOGGLED,), "This {} is on."),
    ((SLICED,), "This is a sliced {}."),
)
_ABLE: Final = {(TOGGLED,): "toggleable", (SLICED,): "sliceable"}
"""What two of the descriptions ask for besides: what is sliced at the start need not be sliceable."""


def introduce(world: World, task: str) -> str:
    """Write the first observation: the room and the task, such as "put a mug in desk."."""
    listed = _listed(f"a {place.name}" for place in world.problem.receptacles)
    room = _look(world) if world.here else _ROOM.format(listed)
    return f"-= Welcome to TextWorld, ALFRED! =-\n\n{room}\n\nYour task is to: {task}"


def feedback(world: World, move: Move) -> str:
    """Write what is seen after an admissible action; the world is as the action left it."""
    verb, what, where = move
    names, places = world.problem.names, world.problem.receptacles
    match verb:
        case "go":
            return f"You arrive at {places[what].name}. {_describe(world, what)}"
        case "open":
            return f"You open the {places[what].name}. {_describe(world, what)}"
        case "close":
            return f"You close the {places[what].name}."
        case "take":
            return f"You pick up the {names[what]} from the {places[where].name}."
        case "move":
            return f"You move the {names[what]} to the {places[where].name}."
        case "clean" | "heat" | "cool":
            return f"You {verb} the {names[what]} using the {places[where].name}."
        case "slice":
            return f"You sliced the {names[what]} with the {names[where]}."
        case "use":
            return f"You turn on the {names[what]}."
        case "examine receptacle":
            return _describe(world, what)
        case "examine object":
            return _inspect(world, what)
        case "inventory":
            return (
                f"You are carrying: a {names[world.held]}."
                if world.held >= 0
                else "You are not carrying anything."
            )
        case "look":
            return _look(world)
        case "help":
            return _HELP


def _describe(world: World, receptacle: int) -> str:
    place = world.problem.receptacles[receptacle]
    if not world.is_open(receptacle):
        return f"The {place.name} is closed."
    seen = _listed(f"a {name}" for name in _named(world, world.contents[receptacle]))
    return (
        f"The {place.name} is open. In it, you see {seen}."
        if place.openable
        else f"On the {place.name}, you see {seen}."
    )


def _look(world: World) -> str:
    if not world.here:
        return _ROOM.format("nothing")
    facing = _listed(world.problem.receptacles[each].name for each in world.here)
    near = world.located[world.location]
    out = sorted(thing for each in world.here for thing in bits(world.taken[each] & near))
    beside = _listed(
        f"a {world.problem.names[thing]}" for thing in out
    )  # once for each one it was taken from
    return f"You are facing the {facing}. Next to it, you see {beside}."


def _inspect(world: World, thing: int) -> str:
    name = world.problem.names[thing]
    if world.problem.able["isreceptacleobject"] >> thing & 1:
        inside = _listed(f"a {each}" for each in world.problem.inner.get(thing, ()))
        return f"This is a normal {name}. In it, you see {inside}."
    for needed, sentence in _DESCRIPTIONS:
        sets = [world.flags[flag] for flag in needed]
        if needed in _ABLE:
            sets.append(world.problem.able[_ABLE[needed]])
        if all(each >> thing & 1 for each in sets):
            return sentence.format(name)
    return f"There's nothing special about {name}."


def _named(world: World, things: int) -> Sequence[str]:
    return [world.problem.names[thing] for thing in bits(things)]


def _listed(items: Iterable[str]) -> str:
    *first, last = items = tuple(items) or ("nothing",)
    return f"{', '.join(first)}, and {last}" if first else last
