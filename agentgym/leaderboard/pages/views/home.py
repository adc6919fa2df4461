"""The suites, each with who leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentgym.leaderboard.pages.views.references import References, references
from agentgym.leaderboard.pages.views.suites import described
from agentgym.leaderboard.summary import Query, SuiteSummary, Summary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["HomeView", "SuiteCard", "home_view"]

_LEADERS = 3


@dataclass(frozen=True, slots=True)
class SuiteCard:
    """A suite in short.

    Attributes:
        suite: The suite.
        description: What it is for.
        references: Floor and ceiling.
        leaders: The first three of its ranking.
    """

    suite: SuiteSummary
    description: str
    references: References
    leaders: tuple[Summary, ...]


@dataclass(frozen=True, slots=True)
class HomeView:
    """All suites that have entries.

    Attributes:
        suites: The suites by name, the newest version of each first.
    """

    suites: tuple[SuiteCard, ...]


def home_view(store: Store) -> HomeView:
    """Look at all suites that have entries."""
    return HomeView(
        tuple(
            SuiteCard(
                suite,
                described(suite),
                references(store, suite),
                store.page(suite.hash, Query(status="verified", limit=_LEADERS)).rows,
            )
            for suite in store.suites()
        )
    )
