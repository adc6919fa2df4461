"""Branching policies by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from agentgym.errors import ArgumentError, suggest
from agentgym.rollout import BranchPolicy

__all__ = ["Policy", "make_branching", "names", "register", "require"]

_POLICIES: dict[str, type[Any]] = {}
_Policy = TypeVar("_Policy", bound=type[Any])


class Policy:
    """What most policies have in common.

    Attributes:
        keeps_cut: Whether steps of branches that were cut off are learnt from.
        keeps_shared: Whether steps that several branches share are learnt from.
    """

    __slots__ = ()
    keeps_cut: ClassVar[bool] = False
    keeps_shared: ClassVar[bool] = True


def register(name: str) -> Callable[[_Policy], _Policy]:
    """Make a class known as a policy."""

    def keep(policy: _Policy) -> _Policy:
        _POLICIES[name] = policy
        return policy

    return keep


def names() -> list[str]:
    """List the policies."""
    return sorted(_POLICIES)


def make_branching(name: str, **options: Any) -> BranchPolicy:
    """Make a policy.

    Args:
        name: One of `names()`.
        options: Its fields.

    Raises:
        UnknownNameError: There is no such policy, or it has no such field.
        ArgumentError: A field has a value that cannot be used.
    """
    if name not in _POLICIES:
        raise suggest("branching policy", name, names())
    known = list(inspect.signature(_POLICIES[name]).parameters)
    for option in options.keys() - set(known):
        raise suggest(f"field of {name}", option, known)
    policy: BranchPolicy = _POLICIES[name](**options)
    return policy


def require(good: bool, name: str, value: Any, expected: str) -> None:
    """Raise an ArgumentError about a field that has a value it cannot have."""
    if not good:
        raise ArgumentError(f"`{name}` is {value!r}. {expected}")
