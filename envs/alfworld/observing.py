"""The expert that knows only what it was told: it looks for things where they usually lie.

It takes the place of ALFWorld's handcoded expert, which also visits the receptacles in a likely order.
Deviation: it wins the games with two objects too, carries on from what others did, and is never random.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from envs.alfworld.goal import Goal
from envs.alfworld.likely import OFTEN_CLOSED, rank_places
from envs.alfworld.memory import Memory, kind_of

__all__ = ["ObservingExpert"]

_PROCESSES: Final = {
    "isclean": ("clean", ("sinkbasin", "sink", "bathtubbasin")),
    "ishot": ("heat", ("microwave",)),
    "iscool": ("cool", ("fridge",)),
}
_UNLIKELY: Final = 100


class ObservingExpert:
    """Does a task knowing its goal, the observations so far and the admissible commands; nothing hidden.

    Asking it changes nothing, so it can be asked at any time or never, whoever acts.

    Args:
        goal: The goal, which the sentence of the task tells.
        first_observation: The one that lists the receptacles of the room.
    """

    def __init__(self, goal: Goal, first_observation: str) -> None:
        self._set(goal, Memory(first_observation))

    def _set(self, goal: Goal, memory: Memory) -> None:
        self._memory = memory
        self._thing = goal.object_type.removesuffix("type")
        self._target = goal.receptacle_type.removesuffix("type")
        self._lamp = goal.lamp_type.removesuffix("type")
        self._verb, self._workshops = _PROCESSES.get(goal.process, ("", ()))

    def observe(self, command: str, observation: str) -> None:
        """Take in what somebody's command led to. The observation tells all: the command is not read."""
        self._memory.observe(observation)

    def next_command(self, admissible: Sequence[str]) -> str:
        """Return the command that the expert would give now, one of the admissible ones.

        Args:
            admissible: The commands that have an effect now.
        """
        possible = dict.fromkeys(admissible)
        for command in self._wishes(possible):
            if command in possible:
                return command
        return "look" if "look" in possible or not admissible else admissible[0]

    def save(self) -> dict[str, Any]:
        """Return everything needed to carry on, as JSON values."""
        return self._memory.save()

    @classmethod
    def load(cls, goal: Goal, saved: Any) -> ObservingExpert:
        """Make the expert that `save` returned; what is saved is untrusted.

        Raises:
            DataError: It is nothing that `save` returns.
        """
        expert = cls.__new__(cls)
        expert._set(goal, Memory.load(saved))
        return expert

    def _wishes(self, possible: dict[str, None]) -> Iterator[str]:
        """What the expert would like to do, the best first; the first admissible wish is granted."""
        held = self._memory.held
        if not held:
            yield from self._get(possible)
            yield from self._explore(self._thing)
        elif kind_of(held) != self._thing:
            yield from self._put_down(held)
        elif self._verb and held not in self._memory.done[self._verb]:
            yield from self._work(held)
        elif self._lamp:
            yield from self._light(possible)
            yield from self._explore(self._lamp)
        else:
            yield from self._deliver(held)
        yield from self._wander()

    def _get(self, possible: dict[str, None]) -> Iterator[str]:
        """Take a thing of the task that is not yet where it belongs."""
        home = self._home()
        settled = [thing for thing in self._memory.inside.get(home, []) if self._is_ready(thing)]
        for command in possible:
            verb, _, rest = command.partition(" ")
            thing, _, _ = rest.partition(" from ")
            if verb == "take" and kind_of(thing) == self._thing and thing not in settled:
                yield command
        for place, things in self._memory.inside.items():
            if any(kind_of(thing) == self._thing and thing not in settled for thing in things):
                yield from self._reach(place)

    def _is_ready(self, thing: str) -> bool:
        return kind_of(thing) == self._thing and (not self._verb or thing in self._memory.done[self._verb])

    def _work(self, held: str) -> Iterator[str]:
        """Clean, heat or cool what is held."""
        shops = [place for kind in self._workshops for place in self._memory.places if kind_of(place) == kind]
        for place in shops:
            yield f"{self._verb} {held} with {place}"
        for place in shops:
            yield f"go to {place}"

    def _light(self, possible: dict[str, None]) -> Iterator[str]:
        """Turn on a lamp, or go to one."""
        for command in possible:
            if (
                command.startswith(f"use {self._lamp} ")
                and command.removeprefix("use ") not in self._memory.lit
            ):
                yield command
        for place, things in self._memory.inside.items():
            if any(kind_of(thing) == self._lamp for thing in things):
                yield f"go to {place}"

    def _deliver(self, held: str) -> Iterator[str]:
        home = self._home()
        targets = [place for place in self._memory.places if kind_of(place) == self._target]
        for place in sorted(targets, key=lambda place: place != home):
            yield f"move {held} to {place}"
            yield from self._reach(place)

    def _home(self) -> str:
        """The receptacle to fill: the one that holds most already, else one that need not be opened."""
        memory = self._memory
        targets = [place for place in memory.places if kind_of(place) == self._target]

        def merit(place: str) -> tuple[int, bool, bool]:
            placed = sum(map(self._is_ready, memory.inside[place]))
            unopened = place in memory.closed or (place not in memory.seen and self._target in OFTEN_CLOSED)
            return placed, place == memory.at, not unopened

        return max(targets, key=merit, default="")

    def _put_down(self, held: str) -> Iterator[str]:
        """Get rid of something: here, or where such a thing usually lies."""
        memory = self._memory
        for place in memory.places:
            yield f"move {held} to {place}"
        yield f"open {memory.at}"
        for place in self._by_likelihood(kind_of(held), memory.places):
            if place not in memory.tried:
                yield f"go to {place}"

    def _explore(self, thing: str) -> Iterator[str]:
        """Look into what has not been seen, the likeliest first."""
        unseen = [place for place in self._memory.places if place not in self._memory.seen]
        for place in self._by_likelihood(thing, unseen):
            yield from self._reach(place)

    def _by_likelihood(self, thing: str, places: Sequence[str]) -> list[str]:
        ranks = rank_places(thing)

        def rank(place: str) -> tuple[int, bool]:
            kind = kind_of(place)
            return ranks.get(kind, _UNLIKELY), kind in OFTEN_CLOSED

        return sorted(places, key=rank)

    def _reach(self, place: str) -> Iterator[str]:
        """Get to see what is in a receptacle: go there, or open it, or look into it."""
        yield f"go to {place}"
        yield f"open {place}"
        if place not in self._memory.seen:
            yield f"examine {place}"

    def _wander(self) -> Iterator[str]:
        """Go through the room in a circle: what is wanted must have been missed."""
        places = self._memory.places
        after = places.index(self._memory.at) + 1 if self._memory.at in places else 0
        for place in places[after:] + places[:after]:
            yield f"go to {place}"
