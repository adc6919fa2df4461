"""How a generated game is won: the commands of its construction."""

from __future__ import annotations

from collections.abc import Sequence

from envs.alfworld.generator.household import STATIONS, Household
from envs.alfworld.generator.layout import Layout

__all__ = ["walk_through"]


def walk_through(household: Household, names: Sequence[str]) -> tuple[str, ...]:
    """List commands that win.

    Each object is fetched, changed where the task wants it, and brought to the first receptacle of the
    target's type; for a look in the light, to the lamp.

    Args:
        household: The game, with the objects of the goal first.
        names: Names of its objects in the texts.
    """
    route, aim = _Route(household.layout), household.aim
    if aim.lamp:
        route.fetch(names[0], household.things[0].where)
        lamp = next(i for i, thing in enumerate(household.things) if thing.type == aim.lamp)
        route.visit(household.things[lamp].where)
        route.commands.append(f"use {names[lamp]}")
        return tuple(route.commands)
    for number in range(aim.wanted):
        thing, name = household.things[number], names[number]
        route.fetch(name, thing.where)
        if aim.task_type in STATIONS and not (
            thing.cool and aim.task_type == "pick_cool_then_place_in_recep"
        ):
            station, _ = STATIONS[aim.task_type]
            route.change(name, station)
        route.bring(name, household.layout.by_type[aim.target][0])
    return tuple(route.commands)


class _Route:
    """Commands, and what they leave behind: where the agent is, and what it has opened."""

    def __init__(self, layout: Layout) -> None:
        self.commands: list[str] = []
        self._layout = layout
        self._location = -1
        self._opened = set[int]()

    def visit(self, receptacle: int) -> None:
        """Go to a receptacle, unless it stands at the agent's location."""
        if self._layout.locations[receptacle] != self._location:
            self._location = self._layout.locations[receptacle]
            self.commands.append(f"go to {self._layout.names[receptacle]}")

    def fetch(self, name: str, receptacle: int) -> None:
        """Take an object out of a receptacle."""
        self._reach_into(receptacle)
        self.commands.append(f"take {name} from {self._layout.names[receptacle]}")

    def bring(self, name: str, receptacle: int) -> None:
        """Put the held object into a receptacle."""
        self._reach_into(receptacle)
        self.commands.append(f"move {name} to {self._layout.names[receptacle]}")

    def change(self, name: str, station: str) -> None:
        """Clean, heat or cool the held object."""
        receptacle = self._layout.by_type[station][0]
        self.visit(receptacle)
        verb = {"SinkBasin": "clean", "Microwave": "heat", "Fridge": "cool"}[station]
        self.commands.append(f"{verb} {name} with {self._layout.names[receptacle]}")

    def _reach_into(self, receptacle: int) -> None:
        self.visit(receptacle)
        if self._layout.closed[receptacle] and receptacle not in self._opened:
            self._opened.add(receptacle)
            self.commands.append(f"open {self._layout.names[receptacle]}")
