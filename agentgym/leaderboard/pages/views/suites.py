"""Suites as pages name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentgym.errors import AgentGymError, ArgumentError
from agentgym.evaluation.suite import load_suite
from agentgym.leaderboard.summary import SuiteSummary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["described", "find_suite", "newest_suite", "slug", "suite_of"]

_SLUG = re.compile(r"[a-z0-9][a-z0-9_.-]*-([0-9a-f]{8,32})")
_SHORT = 8


def slug(suite: SuiteSummary) -> str:
    """Name a suite in an address: name, version and the beginning of its hash."""
    return f"{suite.name}-v{suite.version}-{suite.hash[:_SHORT]}"


def find_suite(store: Store, name: str) -> SuiteSummary:
    """Find the suite of an address, or the one of a hash.

    Raises:
        ArgumentError: There is none.
    """
    found = _SLUG.fullmatch(name)
    for suite in store.suites():
        if (found and suite.hash.startswith(found[1]) and slug(suite) == name) or suite.hash == name:
            return suite
    raise ArgumentError(f"No entries answer a suite {name!r}.")


def suite_of(store: Store, hash: str) -> SuiteSummary:
    """Return the suite of a hash that entries answer."""
    return next(suite for suite in store.suites() if suite.hash == hash)


def newest_suite(store: Store, name: str) -> SuiteSummary:
    """Find the newest version of a suite by its plain name, or any suite by its address.

    Raises:
        ArgumentError: There is none.
    """
    named = store.suites(name)
    return named[0] if named else find_suite(store, name)


def described(suite: SuiteSummary) -> str:
    """Return what a suite is for, from its file; "" where the file is of another version or not here."""
    try:
        found = load_suite(suite.name)
    except (AgentGymError, OSError):
        return ""
    return found.description if found.version == suite.version else ""
