"""The expert that knows everything: from any state, the next command of a short way to the goal.

A way is a chain of errands: take a thing, (clean, heat or cool it,) put it in its place or hold it under the
lamp. Each errand costs one command, one more to go to its place and one more to open it. The oracle compares
the chains over all things and places and returns the first command of the shortest. It remembers nothing, so
it carries on from whatever anybody did before.

A household can be lost: official ones hold things, such as a teddy bear, that can be picked up and put down
nowhere. While the agent holds one that the task does not want, the oracle's command is "look".

No game asks for a sliced thing (ALFWorld leaves those of ALFRED out), so the oracle never slices.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from envs.alfworld.problem import FLAGS, bits
from envs.alfworld.world import TOGGLED, Move, Verb, World

__all__ = ["next_command"]

_NO_WAY: Final = 1_000_000
_PROCESSES: Final[dict[str, tuple[Verb, str]]] = {
    "isclean": ("clean", "cleanable"),
    "ishot": ("heat", "heatable"),
    "iscool": ("cool", "coolable"),
}
_WORKSHOPS: Final = {"ishot": frozenset({"microwavetype"}), "iscool": frozenset({"fridgetype"})}
_PUT_DOWN: Final = 2
"""Estimate of what it costs to get rid of a useless thing; the true cost is 1 to 3."""


class _Way(NamedTuple):
    """How many commands an errand and all that follow it take, and that errand."""

    cost: int
    errand: Move | None


_NOWHERE: Final = _Way(_NO_WAY, None)


class _End(NamedTuple):
    """How a thing that is ready serves the goal: an errand, and its place.

    Attributes:
        verb: "move" into the place, or "use" the lamp there.
        place: Number of the receptacle.
        cost: Commands that it takes once the agent is there.
        lamp: Number of the lamp, or -1.
    """

    verb: Verb
    place: int
    cost: int
    lamp: int = -1


def next_command(world: World) -> str:
    """Return the next command of a short way to the goal; "look" where the goal is reached or out of reach.

    The way wins from any state in which the agent does not hold a thing that it can put down nowhere.
    """
    errand = _Planner(world).errand()
    return "look" if errand is None else _step(world, errand)


def _step(world: World, errand: Move) -> str:
    """The first command of an errand: to go there, to open the place, or the errand itself."""
    verb, what, where = errand
    place, name = world.problem.receptacles[where], world.problem.names[what]
    if place.location != world.location:
        return f"go to {place.name}"
    if verb in ("take", "move") and not world.is_open(where):
        return f"open {place.name}"
    match verb:
        case "take":
            return f"take {name} from {place.name}"
        case "move":
            return f"move {name} to {place.name}"
        case "use":
            return f"use {name}"
        case _:
            return f"{verb} {name} with {place.name}"


class _Planner:
    """What matters of one state.

    Attributes:
        ready: Things of the task that are as the goal wants them.
        things: These, and those that can become so.
    """

    def __init__(self, world: World) -> None:
        problem = world.problem
        goal = problem.goal
        self._world, self._places, self._goal = world, problem.receptacles, goal
        self._process = goal.process
        alike = problem.objects_of(goal.object_type)
        for fact in goal.object_facts:
            if fact in problem.able:
                alike &= problem.able[fact]
            elif fact != self._process:
                alike &= world.flags[FLAGS.index(fact)]
        self.ready = self.things = alike
        self._workshops: list[int] = []
        if self._process:
            kinds = _WORKSHOPS.get(self._process, problem.cleaners)
            self._workshops = [i for i, place in enumerate(self._places) if place.type in kinds]
            self.ready = alike & world.flags[FLAGS.index(self._process)]
            able = problem.able[_PROCESSES[self._process][1]] if self._workshops else 0
            self.things = self.ready | alike & able
        free = self.things & problem.able["pickupable"]
        self._sources = [
            (thing, i)
            for i, inside in enumerate(world.contents)
            if inside & free
            for thing in bits(inside & free)
        ]

    def errand(self) -> Move | None:
        """The first errand of the shortest way; None where the goal is reached or out of reach."""
        way = self._under_lamp() if self._goal.lamp_type else self._into_place()
        if way.errand is not None and way.errand.verb == "take" and self._world.held >= 0:
            return self._put_down(way.errand.where)
        return way.errand

    def _into_place(self) -> _Way:
        world, best = self._world, _NOWHERE
        for target, place in enumerate(self._places):
            if place.type != self._goal.receptacle_type:
                continue
            placed = world.contents[target] & self.ready
            missing = self._goal.count - placed.bit_count()
            if missing <= 0:
                return _NOWHERE
            useful = self.things & place.accepts & ~placed
            if useful.bit_count() < missing:
                continue
            end = _End("move", target, 1 if world.is_open(target) else 2)
            way = self._begin(useful, [end])
            if missing > 1 and way.errand is not None:
                way = _Way(way.cost + self._again(way.errand.what, useful, end), way.errand)
            if way.cost < best.cost:
                best = way
        return best

    def _again(self, first: int, useful: int, end: _End) -> int:
        """Cost of bringing a second thing to the place where the first has just been put."""
        at, again = self._places[end.place].location, end._replace(cost=1)
        return self._fetch(useful & ~(1 << first), at, [again]).cost

    def _under_lamp(self) -> _Way:
        world, lamps = self._world, self._world.problem.objects_of(self._goal.lamp_type)
        lit = world.flags[TOGGLED]
        lamps &= world.problem.able["toggleable"]
        ends = [
            _End("use", place, 1 - (lit >> lamp & 1), lamp)
            for place, inside in enumerate(world.contents)
            if inside & lamps
            for lamp in bits(inside & lamps)
        ]
        if not ends:  # the agent may hold the only lamp
            held = world.held >= 0 and lamps >> world.held & 1
            return _Way(_PUT_DOWN, self._put_down()) if held else _NOWHERE
        won = world.held >= 0 and self.ready >> world.held & 1
        if won and any(not end.cost and self._places[end.place].location == world.location for end in ends):
            return _NOWHERE
        return self._begin(self.things, ends)

    def _begin(self, useful: int, ends: Iterable[_End]) -> _Way:
        """The shortest way from here, with one of the useful things, to one of the ends."""
        held, at = self._world.held, self._world.location
        if held >= 0 and useful >> held & 1:
            return self._finish(held, at, ends)
        way = self._fetch(useful, at, ends)
        return way if held < 0 else way._replace(cost=way.cost + _PUT_DOWN)

    def _fetch(self, useful: int, at: int, ends: Iterable[_End]) -> _Way:
        """The shortest way from a location that begins with taking a thing."""
        best = _NOWHERE
        for thing, source in self._sources:
            if not useful >> thing & 1:
                continue
            there = self._places[source].location
            cost = (there != at) + (1 if self._world.is_open(source) else 2)
            cost += self._finish(thing, there, ends, source).cost
            if cost < best.cost:
                best = _Way(cost, Move("take", thing, source))
        return best

    def _finish(self, thing: int, at: int, ends: Iterable[_End], source: int = -1) -> _Way:
        """The shortest way from a location with a thing in hand, taken from a source.

        A thing that is also in the place where it belongs, as two receptacles at once can hold it, need not
        be brought there.
        """
        if self.ready >> thing & 1:
            return self._arrive(thing, at, ends)
        best = _NOWHERE
        verb, _ = _PROCESSES[self._process]
        contents = self._world.contents
        there_too = any(
            end.lamp < 0 and end.place != source and contents[end.place] >> thing & 1 for end in ends
        )
        for workshop in self._workshops:
            there = self._places[workshop].location
            cost = (there != at) + 1 + (0 if there_too else self._arrive(thing, there, ends).cost)
            if cost < best.cost:
                best = _Way(cost, Move(verb, thing, workshop))
        return best

    def _arrive(self, thing: int, at: int, ends: Iterable[_End]) -> _Way:
        """The nearest of the ends."""
        best = _NOWHERE
        for verb, place, price, lamp in ends:
            cost = (self._places[place].location != at) + price
            if cost < best.cost:
                best = _Way(cost, Move(verb, thing if lamp < 0 else lamp, place))
        return best

    def _put_down(self, source: int = -1) -> Move | None:
        """Free the hand, where it costs least if the next thing is taken from a source."""
        world, places = self._world, self._places
        next_stop = places[source].location if source >= 0 else world.location
        best, errand = _NO_WAY, None
        for number, place in enumerate(places):
            if not place.accepts >> world.held & 1:
                continue
            cost = (place.location != world.location) + (place.location != next_stop)
            cost += not world.is_open(number) and number != source
            if cost < best:
                best, errand = cost, Move("move", world.held, number)
        return errand
