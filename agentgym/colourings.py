"""What the steps of an episode can be coloured by: a registry of string entry points.

A colouring gives a number to each step: its reward, or the advantage that a method would credit it with.
Other layers register theirs, so that this package knows no method by name.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from agentgym.errors import AgentGymError, suggest

if TYPE_CHECKING:
    from agentgym.trajectory import Trajectory

__all__ = ["RECORDED", "Colouring", "Scale", "StepValues", "choices", "colour", "register_colouring"]

LEVELS = 4
"""Number of shades on either side of zero."""


class Colouring(Protocol):
    """A family of ways to value steps; a module-level object or a module with these functions."""

    def names(self) -> Sequence[str]:
        """List the ways that there are."""

    def fitting(self, episodes: Sequence[Trajectory]) -> Sequence[str]:
        """List those for which these episodes record what is needed."""

    def values(self, name: str, episodes: Sequence[Trajectory], which: int) -> Sequence[float]:
        """Value every step of `episodes[which]`.

        Args:
            name: One of `names()`.
            episodes: The episodes of one group: they started alike.
            which: Position of the episode shown.

        Raises:
            AgentGymError: The episodes lack what it needs; the message says what.
        """


@dataclass(frozen=True, slots=True)
class StepValues:
    """The steps of an episode valued in one way.

    Attributes:
        name: The way.
        values: One number per step, shape (N,); empty where `fault` says why there is none.
        fault: Why the steps cannot be valued so; None where they could.
    """

    name: str
    values: tuple[float, ...] = ()
    fault: str | None = None

    @property
    def scale(self) -> Scale:
        """The scale that fits these values."""
        return Scale(max((abs(value) for value in self.values), default=0.0))


@dataclass(frozen=True, slots=True)
class Scale:
    """A diverging scale around zero.

    Attributes:
        most: Greatest magnitude; the darkest shade on either side.
    """

    most: float

    def level(self, value: float) -> int:
        """Return the shade of a value: -4 to 4, the nearest; 0 for what is next to nothing."""
        return round(value / self.most * LEVELS) if self.most else 0


_COLOURINGS: dict[str, str] = {}


def register_colouring(family: str, entry_point: str) -> None:
    """Add a family of colourings.

    Args:
        family: What its numbers are, e.g. "advantages".
        entry_point: "module:object" of a `Colouring`; imported when somebody looks at a trajectory.
    """
    _COLOURINGS[family] = entry_point


def choices(episodes: Sequence[Trajectory] | None = None) -> dict[str, tuple[str, ...]]:
    """List the names of colourings by family: all, or those that fit the episodes of a group."""
    families = {family: _load(family) for family in _COLOURINGS}
    if episodes is None:
        return {family: tuple(found.names()) for family, found in families.items()}
    return {family: tuple(found.fitting(episodes)) for family, found in families.items()}


def colour(name: str, episodes: Sequence[Trajectory], which: int) -> StepValues:
    """Value the steps of one episode of a group.

    Raises:
        UnknownNameError: There is no such colouring.
    """
    known = choices()
    family = next((family for family, names in known.items() if name in names), None)
    if family is None:
        raise suggest("colouring", name, [n for names in known.values() for n in names])
    try:
        values = tuple(float(v) for v in _load(family).values(name, episodes, which))
    except AgentGymError as error:
        return StepValues(name, fault=str(error))
    return StepValues(name, values)


def _load(family: str) -> Colouring:
    module, _, attribute = _COLOURINGS[family].partition(":")
    found: Colouring = getattr(importlib.import_module(module), attribute)
    return found


class RecordedValues:
    """What the trajectory itself records of each step."""

    def names(self) -> Sequence[str]:
        """List what is recorded."""
        return ("reward", "progress")

    def fitting(self, episodes: Sequence[Trajectory]) -> Sequence[str]:
        """List what is recorded: every trajectory has it."""
        return self.names()

    def values(self, name: str, episodes: Sequence[Trajectory], which: int) -> Sequence[float]:
        """Return the reward of each step, or how far it brought the task on."""
        steps = episodes[which].steps
        if name == "reward":
            return [step.reward for step in steps]
        before = [0.0, *(step.progress for step in steps)]
        return [after - first for first, after in pairwise(before)]


RECORDED = RecordedValues()
register_colouring("recorded", f"{__name__}:RECORDED")
