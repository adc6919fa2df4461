"""A submission as a value, apart from how it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.metrics import Metrics
from agentgym.evaluation.normalise import Normalised
from agentgym.evaluation.outcomes import Outcome
from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard.bundle import Bundle, Header

__all__ = ["Status", "Submission"]

Status = Literal["verified", "failed", "flagged", "withdrawn"]
"""Only verified entries have a place; a moderator flags or withdraws, a failed verification says "failed"."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One entry of a leaderboard.

    Attributes:
        suite: What was played.
        header: Who played, and what the submitter says about it.
        submitted_at: When, in UTC.
        status: "verified", or "failed" where a later verification did not reproduce it, or what a moderator
            decided.
        reason: Why it is not verified any more.
        metrics: Its numbers.
        normalised: Its score between floor and ceiling.
        episodes: Its episodes, reduced to what is compared and listed.
        content_digest: Digest of what was played.
        notes: What a reader should know although it is no fault, e.g. that its actions equal another entry's.
        bundle: The submitted file; None where it was not fetched.
        id: Its number in the store; None before it is stored.
    """

    suite: ExpandedSuite
    header: Header
    submitted_at: datetime
    status: Status
    reason: str | None
    metrics: Metrics
    normalised: Normalised
    episodes: tuple[EpisodeSummary, ...]
    content_digest: str
    notes: tuple[str, ...] = ()
    bundle: Bundle | None = None
    id: int | None = None

    @property
    def name(self) -> str:
        """The name shown."""
        return self.header.name

    @property
    def agent(self) -> str:
        """Specification of the agent, as the submitter gave it."""
        return self.header.agent.spec

    @property
    def package(self) -> str:
        """Version of this package that played."""
        return self.header.package

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Its episodes as they are paired with another entry's."""
        return tuple(episode.outcome for episode in self.episodes)
