"""Entries made from trajectories, without verification: what the store is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agentgym.evaluation import ExpandedSuite
from agentgym.evaluation.summary import summarise
from agentgym.leaderboard import Submission
from agentgym.leaderboard.bundle import (
    AgentIdentity,
    Header,
    SuiteIdentity,
    content_digest,
    pack,
    unpack,
)
from agentgym.leaderboard.credit import credit
from agentgym.trajectory import Trajectory

__all__ = ["START", "numbered", "submission_of"]

START = datetime(2026, 1, 1, tzinfo=UTC)


def submission_of(played: Sequence[Trajectory], suite: ExpandedSuite, **header: Any) -> Submission:
    """Make the submission of a run."""
    words = {
        "package": "0.1.0",
        "suite": SuiteIdentity(name=suite.name, version=suite.version, hash=suite.hash),
        "agent": AgentIdentity(spec=played[0].agent),
        "name": played[0].agent,
    }
    bundle = unpack(pack(Header(**{**words, **header}), played))
    stored = list(bundle.trajectories())  # what is written is a little less: clocks are rounded
    earned = credit(suite, [summarise(t) for t in stored], content_digest(stored))
    return Submission(
        suite=suite,
        header=bundle.header,
        submitted_at=START,
        status="verified",
        reason=None,
        metrics=earned.metrics,
        normalised=earned.normalised,
        episodes=earned.episodes,
        content_digest=earned.content_digest,
        bundle=bundle,
    )


def numbered(submission: Submission, number: int, **header: Any) -> Submission:
    """Return another entry with the same episodes, as the store takes it for other ones."""
    assert submission.bundle is not None
    told = submission.header.model_copy(update={"name": f"entry {number}", **header})
    bundle = unpack(pack(told, submission.bundle.trajectories()))
    return replace(
        submission,
        header=told,
        bundle=bundle,
        content_digest=f"{number:032x}",
        submitted_at=START + timedelta(minutes=number),
    )
