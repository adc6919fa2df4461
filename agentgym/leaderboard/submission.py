"""A submission as a value, apart from how it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.metrics import Metrics
from agentgym.evaluation.outcomes import Outcome

__all__ = ["Status", "Submission"]

Status = Literal["verified", "failed"]


@dataclass(frozen=True, slots=True)
class Submission:
    """One entry of a leaderboard.

    Attributes:
        suite: What was played.
        agent: Specification of the agent, as the submitter gave it.
        name: The name shown.
        submitted_at: When, in UTC.
        status: "verified", or "failed" where a later verification did not reproduce it.
        reason: Why it failed.
        metrics: Its numbers.
        outcomes: Its episodes, reduced to what is compared.
        package: Version of this package that accepted it.
        content_digest: Digest of what was played.
        blob: The trajectories, packed; None where they were not fetched.
        id: Its number in the store; None before it is stored.
    """

    suite: ExpandedSuite
    agent: str
    name: str
    submitted_at: datetime
    status: Status
    reason: str | None
    metrics: Metrics
    outcomes: tuple[Outcome, ...]
    package: str
    content_digest: str
    blob: bytes | None = None
    id: int | None = None
