"""Suites as pages name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentgym.errors import AgentGymError, ArgumentError, suggest
from agentgym.evaluation.suite import load_suite
from agentgym.leaderboard.summary import SuiteSummary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["described", "find_suite", "named_suites", "slug", "suite_of"]

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


def named_suites(store: Store, name: str | None) -> list[SuiteSummary]:
    """Find all versions of a suite by its plain name, or one by its address or hash; None: all suites.

    Raises:
        UnknownNameError: There are suites, and none of this name.
    """
    suites = store.suites()
    found = [suite for suite in suites if name is None or name in (suite.name, slug(suite), suite.hash)]
    if suites and not found:
        raise suggest("suite with entries", str(name), {suite.name for suite in suites})
    return found


def described(suite: SuiteSummary) -> str:
    """Return what a suite is for, from its file; "" where the file is of another version or not here."""
    try:
        found = load_suite(suite.name)
    except (AgentGymError, OSError):
        return ""
    return found.description if found.version == suite.version else ""
