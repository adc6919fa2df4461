"""Things named by a text, `kind` or `kind:argument`, and made by a factory that is not imported before."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from agentgym.errors import ArgumentError, suggest

__all__ = ["Kinds"]

_Made = TypeVar("_Made")


class Kinds(Generic[_Made]):
    """The kinds of one sort of thing.

    Args:
        what: The sort, as messages name it, e.g. "agent".
        factories: By kind "module:callable" and what stands after the colon, None if nothing does.
    """

    def __init__(self, what: str, factories: Mapping[str, tuple[str, str | None]]) -> None:
        self._what, self._factories = what, dict(factories)

    def register(self, kind: str, factory: str, argument: str | None = None) -> None:
        """Add a kind; see the class for what its arguments are."""
        self._factories[kind] = factory, argument

    def forms(self) -> tuple[str, ...]:
        """List the forms that a specification may take."""
        known = self._factories.items()
        return tuple(f"{kind}:{argument}" if argument else kind for kind, (_, argument) in known)

    def make(self, spec: str, *given: Any, **options: Any) -> _Made:
        """Make what a specification names.

        Args:
            spec: `kind` or `kind:argument`; the factory gets the argument, if any, first.
            given: Further positional arguments of the factory.
            options: Keywords of the factory.

        Raises:
            UnknownNameError: The kind is unknown.
            ArgumentError: The argument after the colon is missing or superfluous, or an option does not fit.
        """
        kind, colon, argument = spec.partition(":")
        if kind not in self._factories:
            raise suggest(self._what, spec, self.forms())
        factory, form = self._factories[kind]
        if (form is None and colon) or (form is not None and not argument):
            expected = kind + ":" + form if form else kind
            raise ArgumentError(f"{spec!r} is no {self._what}. The form is {expected!r}.")
        make = _resolve(factory)
        words = (*[argument] * bool(argument), *given)
        try:
            inspect.signature(make).bind(*words, **options)
        except TypeError as error:
            raise ArgumentError(f"The {self._what} {spec!r} does not take these options: {error}.") from error
        made: _Made = make(*words, **options)
        return made


def _resolve(entry_point: str) -> Callable[..., Any]:
    module, _, path = entry_point.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found  # type: ignore[no-any-return]
