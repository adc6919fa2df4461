"""The state of a household and the rules of the ALFRED domain: which commands are admissible, what each does.

It is as TextWorld sees it, oddities included. An object can be in two receptacles at once (a sink and its
basin) and leaves only the one it is taken from. A microwave heats while it is closed. What was taken out of a
receptacle is remembered, because `look` lists it wherever it stands at the same location afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from agentgym.errors import DataError
from agentgym.hashing import state_key
from envs.alfworld.problem import FLAGS, Problem, bits

__all__ = ["Move", "Verb", "World"]

Verb: TypeAlias = Literal[
    "look", "inventory", "help", "go", "open", "close", "examine receptacle", "examine object",
    "take", "move", "clean", "heat", "cool", "use", "slice",
]  # fmt: skip

CLEAN, HOT, COOL, SLICED, TOGGLED = range(len(FLAGS))


class Move(NamedTuple):
    """An action: a verb, and the numbers of what it is done to and with (-1 where it has none).

    "go", "open", "close" and "examine receptacle" name a receptacle; "take", "move", "clean", "heat" and
    "cool" an object and a receptacle; "slice" an object and the knife; "use" and "examine object" an object.
    """

    verb: Verb
    what: int = -1
    where: int = -1


_ALWAYS: Final[dict[str, Move]] = {"help": Move("help"), "inventory": Move("inventory"), "look": Move("look")}


class World:
    """A household in one state.

    Attributes:
        problem: What never changes.
        location: Number of the agent's location.
        opened: Open receptacles.
        held: Number of the object in the agent's hand, or -1.
        contents: For each receptacle, the objects in it.
        located: For each location, the objects there.
        taken: For each receptacle, the objects that were taken out of it and not put back.
        flags: For each of `FLAGS`, the objects of which it is true.
    """

    __slots__ = ("contents", "flags", "held", "located", "location", "opened", "problem", "taken")

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.location = problem.start
        self.opened = problem.opened
        self.held = -1
        self.contents = list(problem.contents)
        self.located = list(problem.located)
        self.taken = [0] * len(problem.receptacles)
        self.flags = list(problem.flags)

    def is_open(self, receptacle: int) -> bool:
        """Whether things can be taken out of a receptacle and put into it."""
        return bool(self.opened >> receptacle & 1) or not self.problem.receptacles[receptacle].openable

    @property
    def here(self) -> tuple[int, ...]:
        """The receptacles at the agent's location."""
        return self.problem.here[self.location]

    def moves(self) -> dict[str, Move]:
        """Map every admissible command to its action; not sorted."""
        problem, held = self.problem, self.held
        moves = dict(_trips(problem, self.location))
        for receptacle in self.here:
            place = problem.receptacles[receptacle]
            name, is_open = place.name, self.is_open(receptacle)
            moves[f"examine {name}"] = Move("examine receptacle", receptacle)
            if place.openable:
                verb: Verb = "close" if is_open else "open"
                moves[f"{verb} {name}"] = Move(verb, receptacle)
            if held >= 0:
                self._add_processing(moves, receptacle, is_open)
            elif is_open:
                for thing in bits(self.contents[receptacle] & problem.able["pickupable"]):
                    moves[f"take {problem.names[thing]} from {name}"] = Move("take", thing, receptacle)
            for lamp in bits(self.contents[receptacle] & problem.able["toggleable"]):
                moves[f"use {problem.names[lamp]}"] = Move("use", lamp)
        if held >= 0:
            name = problem.names[held]
            moves[f"examine {name}"] = Move("examine object", held)
            if problem.types[held] in ("knifetype", "butterknifetype"):
                for thing in bits(self.located[self.location] & problem.able["sliceable"]):
                    moves[f"slice {problem.names[thing]} with {name}"] = Move("slice", thing, held)
        return moves

    def _add_processing(self, moves: dict[str, Move], receptacle: int, is_open: bool) -> None:
        """Add what the held object allows at a receptacle."""
        problem, held, bit = self.problem, self.held, 1 << self.held
        place, name = problem.receptacles[receptacle], problem.names[self.held]
        if is_open and place.accepts & bit:
            moves[f"move {name} to {place.name}"] = Move("move", held, receptacle)
        if place.type in problem.cleaners and problem.able["cleanable"] & bit:
            moves[f"clean {name} with {place.name}"] = Move("clean", held, receptacle)
        if place.type == "microwavetype" and problem.able["heatable"] & bit:
            moves[f"heat {name} with {place.name}"] = Move("heat", held, receptacle)
        if place.type == "fridgetype" and problem.able["coolable"] & bit:
            moves[f"cool {name} with {place.name}"] = Move("cool", held, receptacle)

    def apply(self, move: Move) -> None:
        """Do an admissible action."""
        verb, what, where = move
        bit = 1 << what if what >= 0 else 0
        match verb:
            case "go":
                self.location = self.problem.receptacles[what].location
            case "open":
                self.opened |= bit
            case "close":
                self.opened &= ~bit
            case "take":
                self.held = what
                self.contents[where] &= ~bit
                self.taken[where] |= bit
                self.located[self.location] &= ~bit
            case "move":
                self.held = -1
                self.contents[where] |= bit
                self.taken[where] &= ~bit
                self.located[self.location] |= bit
            case "clean":
                self.flags[CLEAN] |= bit
            case "heat":
                self.flags[HOT] |= bit
                self.flags[COOL] &= ~bit
            case "cool":
                self.flags[COOL] |= bit
                self.flags[HOT] &= ~bit
            case "slice":
                self.flags[SLICED] |= bit
            case "use":
                self.flags[TOGGLED] |= bit
            case _:
                pass

    @property
    def key(self) -> str:
        """Hash of the household and its state: of everything that decides the future."""
        state = (self.location, self.held, self.opened, self.flags, self.contents, self.located, self.taken)
        return state_key(f"{self.problem.identity}{state}".encode("ascii"))

    def copy(self) -> World:
        """Copy the state; the household is shared."""
        twin = World.__new__(World)
        twin.problem = self.problem
        twin.location, twin.opened, twin.held = self.location, self.opened, self.held
        twin.contents, twin.located = self.contents.copy(), self.located.copy()
        twin.taken, twin.flags = self.taken.copy(), self.flags.copy()
        return twin

    def save(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "problem"}

    @classmethod
    def load(cls, problem: Problem, saved: Mapping[str, Any]) -> World:
        """Make the state that `save` returned.

        Args:
            problem: The household.
            saved: Untrusted.

        Raises:
            DataError: It is no state of this household.
        """
        world = cls(problem)
        objects, sets = len(problem.objects), {"opened": len(problem.receptacles)}
        for name in cls.__slots__:
            if name == "problem":
                continue
            present, given = getattr(world, name), saved[name]
            values = given if isinstance(present, list) else [given]
            if type(given) is not type(present) or not all(type(value) is int for value in values):
                raise DataError(f"its {name!r} is {str(given)[:40]}")
            if isinstance(present, list) and len(given) != len(present):
                raise DataError(f"its {name!r} has {len(given)} members, not {len(present)}")
            low, high = {"location": (0, len(problem.here)), "held": (-1, objects)}.get(
                name, (0, 1 << sets.get(name, objects))
            )
            if not all(low <= value < high for value in values):
                raise DataError(f"its {name!r} names what is not in this household")
            setattr(world, name, given)
        return world


def _trips(problem: Problem, location: int) -> dict[str, Move]:
    """The commands that are the same whatever the state: to go elsewhere, and those that always work."""
    known = problem.trips.get(location)
    if known is None:
        known = dict(_ALWAYS)
        for number, receptacle in enumerate(problem.receptacles):
            if receptacle.location != location:
                known[f"go to {receptacle.name}"] = Move("go", number)
        problem.trips[location] = known
    return known
