"""What the eight services share: a state of public attributes, private chance, and answers as text."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeAlias

from agentgym.errors import DataError
from envs.tooluse.functions.services.filler import OWN_FILLER, Filler

__all__ = ["Answer", "FunctionService", "Scenario", "answer_text", "copied"]

Answer: TypeAlias = dict[str, Any]
Scenario: TypeAlias = Mapping[str, Any]

_MAX_DEPTH: Final = 64


class FunctionService:
    """A service whose functions are its public methods and whose state is its public attributes.

    The checker compares public attributes alone. What begins with an underscore decides the future too (the
    generator, the current folder), but is not compared, as in the benchmark.

    Args:
        scenario: Values of the fields; what is missing takes the default. It is copied.
        filler: The padding of the long-context category; None outside it.

    Raises:
        DataError: A field has a value of the wrong kind. The message names service and field.
    """

    about: ClassVar[str] = ""
    defaults: ClassVar[Mapping[str, Any]] = {}
    seed: ClassVar[int] = 0

    def __init__(self, scenario: Scenario | None = None, *, filler: Filler | None = None) -> None:
        given = {} if scenario is None else scenario
        for field, default in self.defaults.items():
            value = given.get(field, default)
            self._check(field, value, default)
            setattr(self, field, copied(value))
        seed = given.get("random_seed", self.seed)
        self._check("random_seed", seed, 0)
        self._random = random.Random(seed)  # the benchmark's own generator: its draws are in the goldens
        self._filler = OWN_FILLER if filler is None else filler
        self._padded = filler is not None

    @classmethod
    def _check(cls, field: str, value: Any, default: Any) -> None:
        expected: tuple[type, ...] = (type(default),)
        if default is None:
            expected = (str, int, float, type(None))
        elif type(default) in (int, float):
            expected = (int, float)
        elif isinstance(default, set):
            expected = (set, list)
        if not isinstance(value, expected):
            kinds = " or ".join(kind.__name__ for kind in expected)
            raise DataError(
                f"`{field}` of {cls.__name__} is a {type(value).__name__}. It must be a {kinds}. "
                "Mend the scenario or leave the field out."
            )

    def public_state(self) -> dict[str, Any]:
        """Return the public attributes: the state that is compared."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def private_state(self) -> str:
        """Tell what else decides the future, the generator aside, whose draws show in the answers."""
        hidden = ("_random", "_filler", "_padded")
        return repr(
            [(name, value) for name, value in vars(self).items() if name[0] == "_" and name not in hidden]
        )

    def canonical_state(self) -> dict[str, Any]:
        """Return a copy of the public attributes as JSON: keys as `str`, tuples as lists. Sets stay sets."""
        return {name: _canonical(value) for name, value in self.public_state().items()}


def answer_text(value: Any) -> str:
    """Write what a function returned as the text that the agent reads.

    A text stays as it is, a mapping becomes JSON (its `str` where JSON cannot hold it), all else its `str`.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        try:
            return json.dumps(value)
        except (TypeError, ValueError):
            return str(value)
    return str(value)


def copied(value: Any, depth: int = 0) -> Any:
    """Copy a JSON value deeply (several times as fast as `copy.deepcopy`).

    Raises:
        DataError: It is nested more deeply than any scenario.
    """
    if depth > _MAX_DEPTH:
        raise DataError(f"A scenario is nested more than {_MAX_DEPTH} deep. Flatten it.")
    if isinstance(value, dict):
        return {key: copied(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item, depth + 1) for item in value]
    return set(value) if isinstance(value, set) else value


def _canonical(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {str(key): _canonical(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_canonical(item) for item in value]
    if hasattr(value, "canonical"):
        return value.canonical()
    return set(value) if kind is set else value
