"""The true state in TextWorld's own facts, brought into the shape of our engine's state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from envs.alfworld.problem import FLAGS, Problem
from envs.alfworld.world import World

__all__ = ["Fact", "FactReader"]

Fact: TypeAlias = Sequence[str]
"""A name and the ids it is about: ("inreceptacle", "mug_bar_1", "desk_bar_2")."""

_FLAGS: Final = {name: number for number, name in enumerate(FLAGS)}


class FactReader:
    """Makes states of one game out of facts.

    Args:
        problem: The household.
        first: The facts at the start of the game, which name all locations.
    """

    def __init__(self, problem: Problem, first: Iterable[Fact]) -> None:
        places = {where for name, *_, where in first if name in ("atlocation", "receptacleatlocation")}
        self._problem = problem
        self._places = {where: number for number, where in enumerate(sorted(places))}
        self._objects = {each: number for number, each in enumerate(problem.objects)}
        self._receptacles = {each.id: number for number, each in enumerate(problem.receptacles)}

    def world(self, facts: Iterable[Fact]) -> World:
        """Make the state in which exactly these facts hold."""
        world = World(self._problem)
        world.opened, world.held = 0, -1
        for held in (world.contents, world.located, world.taken, world.flags):
            held[:] = [0] * len(held)
        for fact in facts:
            self._add(world, fact)
        return world

    def _add(self, world: World, fact: Fact) -> None:
        match fact:
            case ["atlocation", _, where]:
                world.location = self._places[where]
            case ["opened", place]:
                world.opened |= 1 << self._receptacles[place]
            case ["holds", _, thing]:
                world.held = self._objects[thing]
            case ["inreceptacle", thing, place]:
                world.contents[self._receptacles[place]] |= 1 << self._objects[thing]
            case ["not_inreceptacle", thing, place]:
                world.taken[self._receptacles[place]] |= 1 << self._objects[thing]
            case ["objectatlocation", thing, where] if where in self._places:
                world.located[self._places[where]] |= 1 << self._objects[thing]
            case [flag, thing] if flag in _FLAGS:
                world.flags[_FLAGS[flag]] |= 1 << self._objects[thing]
            case _:
                pass
