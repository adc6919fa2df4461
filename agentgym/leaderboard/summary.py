"""What the store tells without opening a trajectory: entries and suites, in light rows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from agentgym.errors import ArgumentError, suggest
from agentgym.evaluation.intervals import Estimate
from agentgym.leaderboard.submission import Status

__all__ = ["SORT_KEYS", "Page", "Query", "SortKey", "SuiteSummary", "Summary"]

SortKey = Literal[
    "place", "name", "agent", "submitted_at", "success", "score", "normalised", "turns", "invalid_rate",
    "tokens", "cost",
]  # fmt: skip
SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)
_LONGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Summary:
    """One entry of a board, without its episodes.

    Attributes:
        id: Its number in the store.
        place: Its rank among the verified entries of its suite, from 1; None for all others.
        suite_hash: The suite that it answers.
        name: The name shown.
        agent: Specification of the agent.
        owner: Who uploaded it; None where it was added at this machine.
        submitted_at: When, in UTC.
        status: Whether it holds.
        reason: Why it does not.
        package: Version of this package that accepted it.
        episodes: Number of episodes.
        tasks: Number of different tasks.
        success: Share of episodes that reached the goal.
        score: Mean score in [0, 1].
        normalised: Its score between floor and ceiling; None where they are not known.
        turns: Mean number of turns.
        invalid_rate: Share of actions that the environment did not accept.
        tokens: Mean number of response tokens.
        cost: Mean cost of the answers.
        errored: Number of episodes that broke off.
        size: Bytes of its file.
        notes: What a reader should know although it is no fault.
    """

    id: int
    place: int | None
    suite_hash: str
    name: str
    agent: str
    owner: str | None
    submitted_at: datetime
    status: Status
    reason: str | None
    package: str
    episodes: int
    tasks: int
    success: Estimate
    score: Estimate
    normalised: Estimate | None
    turns: float
    invalid_rate: float
    tokens: float
    cost: float
    errored: int
    size: int
    notes: tuple[str, ...]

    def to_record(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        return {**dataclasses.asdict(self), "submitted_at": self.submitted_at.isoformat()}


@dataclass(frozen=True, slots=True)
class SuiteSummary:
    """A suite of which the store has entries.

    Attributes:
        hash: What its entries share.
        name: Its name.
        version: Its version.
        splits: The splits of its tasks.
        metrics: What ranks its entries, the first first.
        episodes: Number of its episodes.
        entries: Number of its entries, failed ones included.
    """

    hash: str
    name: str
    version: int
    splits: tuple[str, ...]
    metrics: tuple[str, ...]
    episodes: int
    entries: int

    @property
    def title(self) -> str:
        """Name, version and a short hash, for people."""
        return f"{self.name} v{self.version} ({self.hash[:8]})"


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries of a suite, in which order.

    Attributes:
        text: Part of the name or the agent, whatever the case; "" for all.
        status: Only entries of this status; None for all.
        sort: What to sort by. Entries without a place come after those with one.
        descending: Whether the greatest comes first.
        offset: Number of entries to skip.
        limit: Greatest number of entries returned, 1 to 1000.

    Raises:
        ArgumentError: A value is out of its range.
    """

    text: str = ""
    status: Status | None = None
    sort: SortKey = "place"
    descending: bool = False
    offset: int = 0
    limit: int = 100

    def __post_init__(self) -> None:
        if self.sort not in SORT_KEYS:
            raise suggest("column to sort by", self.sort, SORT_KEYS)
        if self.status is not None and self.status not in get_args(Status):
            raise suggest("status", self.status, get_args(Status))
        if not 0 <= self.offset < 2**31 or not 1 <= self.limit <= _LONGEST_PAGE:
            raise ArgumentError(
                f"offset {self.offset} and limit {self.limit} make no page. "
                f"Pass 0 <= offset and 1 <= limit <= {_LONGEST_PAGE}."
            )


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a suite.

    Attributes:
        rows: The entries, in the order asked for.
        total: How many there are without `offset` and `limit`.
    """

    rows: tuple[Summary, ...]
    total: int
