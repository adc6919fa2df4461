"""How hard generated tasks are: a few numbers, with names for three choices of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final

from agentgym.errors import ArgumentError, suggest

__all__ = ["PRESETS", "Difficulty"]

_MOST_TURNS: Final = 8
_MOST_SERVICES: Final = 8


@dataclass(frozen=True, slots=True)
class Difficulty:
    """What makes a conversation hard.

    Attributes:
        fewest_turns: Least number of turns, from 1.
        most_turns: Greatest number of turns, up to 8.
        requests: Greatest number of requests in a turn, 1 to 3.
        chained: Share of requests that need several calls, of which later ones use the answers of earlier
            ones, in [0, 1].
        services: Number of services whose functions are there, 1 to 8; requests are for any of them.
        functions: Number of functions that the agent is shown, at least those it needs; 0: all.
        missing: Chance that a turn first comes without a function that it needs, in [0, 1].
        one_wording: Whether a request is always worded alike.

    Raises:
        ArgumentError: A value is out of its range.
    """

    fewest_turns: int = 1
    most_turns: int = 3
    requests: int = 2
    chained: float = 0.3
    services: int = 1
    functions: int = 0
    missing: float = 0.0
    one_wording: bool = False

    def __post_init__(self) -> None:
        whole = {
            "fewest_turns": (1, self.most_turns),
            "most_turns": (1, _MOST_TURNS),
            "requests": (1, 3),
            "services": (1, _MOST_SERVICES),
            "functions": (0, 200),
        }
        for name, (low, high) in whole.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ArgumentError(f"`{name}` is {value!r}. It must be a whole number from {low} to {high}.")
        for name in ("chained", "missing"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ArgumentError(f"`{name}` is {value!r}. It must be a number from 0 to 1.")

    @classmethod
    def of(cls, given: str | Mapping[str, Any] | Difficulty) -> Difficulty:
        """Make one from a name, from some of the fields, or from itself.

        Raises:
            UnknownNameError: There is no such name or field.
            ArgumentError: A value is out of its range.
        """
        if isinstance(given, Difficulty):
            return given
        if isinstance(given, str):
            if given not in PRESETS:
                raise suggest("difficulty", given, PRESETS)
            return PRESETS[given]
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                raise suggest("field of difficulty", str(name), known)
        return cls(**given)


PRESETS: Final[Mapping[str, Difficulty]] = MappingProxyType(
    {
        "easy": Difficulty(
            fewest_turns=1, most_turns=2, requests=1, chained=0.0, functions=4, one_wording=True
        ),
        "normal": Difficulty(),
        "hard": Difficulty(fewest_turns=2, most_turns=4, requests=2, chained=0.5, services=3, missing=0.3),
    }
)
