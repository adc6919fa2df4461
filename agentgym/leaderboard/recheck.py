"""Check what is stored: execute a submission again and compare it with what the store credits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentgym.errors import ArgumentError, StoreError
from agentgym.evaluation.outcomes import outcomes
from agentgym.leaderboard.packing import content_digest, unpack
from agentgym.leaderboard.submission import Submission
from agentgym.leaderboard.submit import metrics_of
from agentgym.leaderboard.verify import Verdict, verify
from agentgym.trajectory import Trajectory

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["check_stored", "reverify"]

_RECOMPUTED = ("episodes", "tasks", "success", "score", "episode_return", "turns", "invalid_rate")


def check_stored(store: Store, id: int) -> Verdict:
    """Execute one stored submission again and record in the store whether it holds.

    Raises:
        ArgumentError: There is none of this number.
        StoreError: The store cannot be written.
    """
    try:
        verdict = reverify(store.get(id))
    except StoreError as error:
        verdict = Verdict(False, 0, str(error))
    store.set_status(id, "verified" if verdict.ok else "failed", verdict.reason)
    return verdict


def reverify(submission: Submission) -> Verdict:
    """Execute a stored submission again and compare what it was credited with.

    Args:
        submission: Fetched with its trajectories.

    Raises:
        StoreError: The stored trajectories are damaged.
        ArgumentError: It was fetched without them.
    """
    if submission.blob is None:
        raise ArgumentError("This submission was fetched without its trajectories. Use Store.get.")
    trajectories = unpack(submission.blob)
    verdict = verify(trajectories, submission.suite)
    if not verdict.ok:
        return verdict
    credited = _stray_credit(submission, trajectories)
    return verdict if credited is None else Verdict(False, verdict.episodes, credited)


def _stray_credit(submission: Submission, trajectories: Sequence[Trajectory]) -> str | None:
    """Name what the store credits beyond what the trajectories earn."""
    earned = metrics_of(trajectories)
    for name in _RECOMPUTED:
        credited, found = getattr(submission.metrics, name), getattr(earned, name)
        if _value(credited) != _value(found):
            return f"the store credits {name} {_value(credited)}; the trajectories earn {_value(found)}"
    if submission.outcomes != outcomes(trajectories):
        return "the stored outcomes of episodes are not those of the trajectories"
    if submission.content_digest != content_digest(trajectories):
        return "the stored digest of the content is not that of the trajectories"
    if submission.agent != trajectories[0].agent.encode("utf-8", "replace").decode("utf-8"):
        return (
            f"the store names the agent {submission.agent!r}; the trajectories name {trajectories[0].agent!r}"
        )
    return None


def _value(number: object) -> float:
    return round(float(getattr(number, "value", number)), 9)  # type: ignore[arg-type]
