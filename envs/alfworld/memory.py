"""What an agent can remember of a household from the observations alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from agentgym.errors import DataError

__all__ = ["Memory", "kind_of"]

_ROOM: Final = re.compile(r"Looking quickly around you, you see (.+)\.")
_ARRIVED: Final = re.compile(r"You arrive at (.+?)\. ")
_INSIDE: Final = re.compile(r"(?:On the (.+?), you see|The (.+?) is open\. In it, you see) (.+)\.")
_CLOSED: Final = re.compile(r"You close the (.+)\.|The (.+?) is closed\.")
_TAKEN: Final = re.compile(r"You pick up the (.+) from the (.+)\.")
_PLACED: Final = re.compile(r"You move the (.+) to the (.+)\.")
_DONE: Final = re.compile(r"You (clean|heat|cool) the (.+) using the (.+)\.")
_LIT: Final = re.compile(r"You turn on the (.+)\.")
_CARRYING: Final = re.compile(r"You are (?:carrying: a (.+)|not carrying anything)\.")
_UNDOES: Final = {"heat": "cool", "cool": "heat"}


def kind_of(name: str) -> str:
    """The kind of a thing or receptacle: "mug" for "mug 1"."""
    return name.rpartition(" ")[0]


class Memory:
    """What the observations have said so far.

    Attributes:
        places: The receptacles of the room, in the order of the first observation.
        at: The receptacle that the agent last went to; "" at the start.
        held: The thing in its hand; "" for none.
        inside: For each receptacle, the things known to be in it.
        seen: The receptacles whose whole content has been seen.
        closed: The receptacles that were closed when last seen.
        done: For "clean", "heat" and "cool", the things to which that has been done.
        lit: The lamps that are on.
        tried: Where the agent has gone since it last took something.
    """

    __slots__ = ("at", "closed", "done", "held", "inside", "lit", "places", "seen", "tried")

    def __init__(self, first_observation: str) -> None:
        room = _ROOM.search(first_observation)
        self.places = _items(room[1]) if room else []
        self.at = self.held = ""
        self.inside: dict[str, list[str]] = {place: [] for place in self.places}
        self.done: dict[str, list[str]] = {"clean": [], "heat": [], "cool": []}
        self.seen: list[str] = []
        self.closed: list[str] = []
        self.lit: list[str] = []
        self.tried: list[str] = []

    def observe(self, observation: str) -> None:
        """Remember what an observation says; what it does not say stays as it was."""
        if found := _ARRIVED.match(observation):
            self.at = found[1]
            _add(self.tried, self.at)
        if found := _INSIDE.search(observation):
            self._look_inside(found[1] or found[2], _items(found[3]))
        elif found := _CLOSED.search(observation):
            _add(self.closed, found[1] or found[2])
        elif found := _TAKEN.fullmatch(observation):
            self.held, self.tried = found[1], []
            _discard(self.inside.get(found[2], []), found[1])
        elif found := _PLACED.fullmatch(observation):
            self.held = ""
            _add(self.inside.get(found[2], []), found[1])
        elif found := _DONE.fullmatch(observation):
            _add(self.done[found[1]], found[2])
            _discard(self.done.get(_UNDOES.get(found[1], ""), []), found[2])
        elif found := _LIT.fullmatch(observation):
            _add(self.lit, found[1])
        elif found := _CARRYING.fullmatch(observation):
            self.held = found[1] or ""

    def _look_inside(self, place: str, things: list[str]) -> None:
        if place in self.inside:
            self.inside[place] = things
            _add(self.seen, place)
            _discard(self.closed, place)

    def save(self) -> dict[str, Any]:
        """Return the memory as JSON values that later observations do not change."""
        copied = {name: getattr(self, name) for name in self.__slots__}
        return {name: _copy(value) for name, value in copied.items()}

    @classmethod
    def load(cls, saved: Any) -> Memory:
        """Make the memory that `save` returned.

        Args:
            saved: Untrusted.

        Raises:
            DataError: It is no such memory. The message names the part.
        """
        memory = cls("")
        if not isinstance(saved, Mapping) or saved.keys() != set(cls.__slots__):
            raise DataError("the memory of the expert is no object with the parts that `save` writes")
        for name in cls.__slots__:
            if not _alike(saved[name], getattr(memory, name)):
                raise DataError(f"{name!r} in the memory of the expert is {ascii(saved[name])[:40]}")
            setattr(memory, name, _copy(saved[name]))
        if memory.inside.keys() != set(memory.places) or memory.done.keys() != cls("").done.keys():
            raise DataError(
                "the memory of the expert speaks of other receptacles or processes than it should"
            )
        return memory


def _items(text: str) -> list[str]:
    """Read a list: "a mug 1, and a pen 2" is ["mug 1", "pen 2"], "nothing" is []."""
    if text == "nothing":
        return []
    return [item.removeprefix("and ").removeprefix("a ") for item in text.split(", ")]


def _add(items: list[str], item: str) -> None:
    if item not in items:
        items.append(item)


def _discard(items: list[str], item: str) -> None:
    if item in items:
        items.remove(item)


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: list(items) for key, items in value.items()}
    return list(value) if isinstance(value, list) else value


def _alike(value: Any, example: str | list[str] | dict[str, list[str]]) -> bool:
    """Whether an untrusted value has the type of an example: a text, a list of texts or lists by name."""
    match example:
        case str():
            return isinstance(value, str)
        case list():
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case _:
            return isinstance(value, Mapping) and all(
                isinstance(key, str) and _alike(items, []) for key, items in value.items()
            )
