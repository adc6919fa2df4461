"""`Service`: a set of tools over a state that can be saved, restored and compared."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from envs.tooluse.core.tool import Tool, toolbox

__all__ = ["Change", "Service", "changes"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two states.

    Attributes:
        path: Where it is: keys and indices from the root.
        before: The value there before; None where there was none.
        after: The value there after; None where there is none.
    """

    path: tuple[str | int, ...]
    before: Any
    after: Any


class Service(abc.ABC):
    """A set of tools over a state. Every attribute of the class that is a `Tool` is one of them."""

    def __init__(self) -> None:
        self.tools = toolbox(getattr(self, name) for name in _tool_names(type(self)))

    @abc.abstractmethod
    def save(self) -> Any:
        """Return the state as a JSON value that no later call changes."""

    @abc.abstractmethod
    def load(self, state: Any) -> None:
        """Take up a state that `save` returned. `state` is untrusted.

        Raises:
            DataError: It is no such state. The present state is left as it was.
        """

    def changes_since(self, before: Any) -> tuple[Change, ...]:
        """List what differs between a state that was saved and the present one."""
        return tuple(changes(before, self.save()))


@cache
def _tool_names(kind: type[Service]) -> tuple[str, ...]:
    """List the attributes of a class that are tools, those of its bases first."""
    names = dict.fromkeys(name for base in reversed(kind.__mro__) for name in vars(base))
    return tuple(name for name in names if isinstance(getattr(kind, name), Tool))


def changes(before: Any, after: Any, path: tuple[str | int, ...] = ()) -> Iterator[Change]:
    """Compare two JSON values; yield the smallest parts that differ, in the order of their keys."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            if key in before and key in after:
                yield from changes(before[key], after[key], (*path, key))
            else:
                yield Change((*path, key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changes(one, other, (*path, index))
    elif before != after or type(before) is not type(after):
        yield Change(path, before, after)
