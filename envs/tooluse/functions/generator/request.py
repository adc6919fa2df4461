"""Requests: what a user may ask of a service, and the calls that do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envs.tooluse.core.call import ToolCall

__all__ = ["Request", "request"]


@dataclass(frozen=True)
class Request:
    """A kind of request.

    Attributes:
        calls: The functions to call, each with its arguments; "$name" stands for the slot of this name.
        wordings: Ways to ask for it; "{name}" stands for the slot of this name.
    """

    calls: tuple[tuple[str, Mapping[str, Any]], ...]
    wordings: tuple[str, ...]

    @property
    def chained(self) -> bool:
        """Whether it needs several calls."""
        return len(self.calls) > 1

    def fill(self, slots: Mapping[str, Any]) -> tuple[ToolCall, ...]:
        """Write the calls for values of the slots."""
        return tuple(
            ToolCall(name, {key: _filled(value, slots) for key, value in given.items()})
            for name, given in self.calls
        )


def request(*wordings: str, **calls: Mapping[str, Any]) -> Request:
    """Make a kind of request from wordings and `function={argument: value}`, in the order of the calls."""
    return Request(tuple(calls.items()), wordings)


def _filled(value: Any, slots: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return slots[value[1:]]
    if isinstance(value, list):
        return [_filled(item, slots) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, slots) for key, item in value.items()}
    return value
