"""How hard generated games are: a few numbers, with names for three choices of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import inf
from types import MappingProxyType
from typing import Any, Final

from agentgym.errors import ArgumentError, suggest
from envs.alfworld.generator.rooms import ROOMS, Room
from envs.alfworld.generator.things import OPENABLE

__all__ = ["PRESETS", "Difficulty"]

_FEWEST_RECEPTACLES: Final = 5
_MOST_DISTRACTORS: Final = 60
_MOST_INSTANCES: Final = 3


@dataclass(frozen=True, slots=True)
class Difficulty:
    """What makes a household hard to search.

    Attributes:
        receptacles: Number of receptacles in a room, at least 5. A room has up to an eighth more or fewer (at
            least one), as rooms differ.
        distractors: Number of objects that the task does not need, 0 to 60.
        openable: Largest share of the receptacles that can be opened, in [0, 1]. Drawers and cabinets beyond
            it are left out; the fridge or microwave that the task needs is there in any case.
        hidden: Chance that an object starts in a closed receptacle, in [0, 1], where the room has an open and
            a closed one for it; where it has only one sort, the object lies there.
        instances: Largest number of objects of the type that the task names, 1 to 3; a task for two objects
            has at least two.

    Raises:
        ArgumentError: A value is no number of its range, or no room can be so.
    """

    receptacles: int = 19
    distractors: int = 10
    openable: float = 0.5
    hidden: float = 0.4
    instances: int = 2

    def __post_init__(self) -> None:
        _check_whole("receptacles", self.receptacles, _FEWEST_RECEPTACLES, inf)
        _check_whole("distractors", self.distractors, 0, _MOST_DISTRACTORS)
        _check_whole("instances", self.instances, 1, _MOST_INSTANCES)
        _check_share("openable", self.openable)
        _check_share("hidden", self.hidden)
        for name, room in ROOMS.items():
            if self.most_receptacles > (space := _space(room, self.openable)):
                raise ArgumentError(
                    f"`receptacles` is {self.receptacles}, so a room can have {self.most_receptacles}, but "
                    f"with openable={self.openable} a {name} has space for {space}. Lower `receptacles` or "
                    "raise `openable`."
                )

    @property
    def fewest_receptacles(self) -> int:
        """Number of receptacles of the smallest room."""
        return max(_FEWEST_RECEPTACLES, self.receptacles - self._spread)

    @property
    def most_receptacles(self) -> int:
        """Number of receptacles of the largest room."""
        return self.receptacles + self._spread

    @property
    def _spread(self) -> int:
        return max(1, self.receptacles // 8)

    @classmethod
    def of(cls, value: str | Mapping[str, Any] | Difficulty) -> Difficulty:
        """Read a difficulty.

        Args:
            value: The name of a preset, or values by name (those left out are as in "normal").

        Raises:
            UnknownNameError: There is no such preset or value. The message lists close matches.
            ArgumentError: A value is no number of its range, or no room can be so.
        """
        if isinstance(value, Difficulty):
            return value
        if isinstance(value, str):
            if value not in PRESETS:
                raise suggest("difficulty", value, PRESETS)
            return PRESETS[value]
        if not isinstance(value, Mapping):
            raise ArgumentError(
                f"`difficulty` is {value!r}. Expected one of {', '.join(map(repr, PRESETS))}, or values by "
                "name, such as {'receptacles': 12, 'hidden': 0.5}."
            )
        known = [field.name for field in fields(cls)]
        for name in value:
            if name not in known:
                raise suggest("value of a difficulty", str(name), known)
        return cls(**value)


def _check_whole(name: str, value: object, low: int, high: float) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        allowed = f"of at least {low}" if high == inf else f"from {low} to {high}"
        raise ArgumentError(f"`{name}` is {value!r} in a difficulty. Expected a whole number {allowed}.")


def _check_share(name: str, value: object) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ArgumentError(f"`{name}` is {value!r} in a difficulty. Expected a number from 0 to 1.")


def _space(room: Room, openable: float) -> int:
    """The largest number of receptacles of which at most the share `openable` can be opened."""
    fixed = sum(each.most for each in room.furniture if each.type not in OPENABLE)
    closable = sum(each.most for each in room.furniture if each.type in OPENABLE)
    size = fixed
    while size < fixed + closable and size + 1 - int(openable * (size + 1)) <= fixed:
        size += 1
    return size


PRESETS: Final = MappingProxyType(
    {
        "easy": Difficulty(receptacles=6, distractors=4, openable=0.2, hidden=0.1, instances=2),
        "normal": Difficulty(),
        "hard": Difficulty(receptacles=28, distractors=24, openable=0.7, hidden=0.8, instances=1),
    }
)
"""Small rooms for small models; rooms like most of ALFWorld's; and large rooms where nearly all is hidden."""
