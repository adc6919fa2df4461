"""Check what is stored: execute a submission again and compare it with what the store credits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentgym.errors import ArgumentError, StoreError
from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard.credit import Credit
from agentgym.leaderboard.process import VerifyLimits
from agentgym.leaderboard.submission import Submission
from agentgym.leaderboard.verify import Verdict, verify

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["check_stored", "reverify"]

_RECOMPUTED = ("episodes", "tasks", "success", "score", "episode_return", "turns", "invalid_rate")
_SUBMITTERS_WORD = {"tokens": 0, "cost": 0.0, "model_s": 0.0, "env_s": 0.0, "error": None}


def check_stored(store: Store, id: int, limits: VerifyLimits | None = None) -> Verdict:
    """Execute one stored submission again and record in the store whether it holds.

    What a moderator has flagged or withdrawn stays so; only a failure is recorded over it.

    Raises:
        ArgumentError: There is none of this number.
        StoreError: The store cannot be written.
        VerificationError: Its suite cannot be played on this machine; the store is left as it is.
    """
    try:
        submission = store.get(id, bundle=True)
        verdict = reverify(submission, limits)
        moderated = submission.status not in ("verified", "failed")
    except StoreError as error:
        verdict, moderated = Verdict(False, 0, str(error)), False
    if not (verdict.ok and moderated):
        store.set_status(id, "verified" if verdict.ok else "failed", verdict.reason)
    return verdict


def reverify(submission: Submission, limits: VerifyLimits | None = None) -> Verdict:
    """Execute a stored submission again and compare what it was credited with.

    Args:
        submission: Fetched with its bundle.
        limits: Of memory and time; None: the usual ones.

    Raises:
        ArgumentError: It was fetched without its bundle.
        VerificationError: Its suite cannot be played on this machine.
    """
    if submission.bundle is None:
        raise ArgumentError("This submission was fetched without its file. Use Store.get(id, bundle=True).")
    verdict = verify(submission.bundle, submission.suite, limits=limits)
    if verdict.credit is None:
        return verdict
    stray = _stray_credit(submission, verdict.credit)
    return verdict if stray is None else Verdict(False, verdict.episodes, stray)


def _stray_credit(submission: Submission, earned: Credit) -> str | None:
    """Name what the store credits beyond what the trajectories earn."""
    for name in _RECOMPUTED:
        credited, found = getattr(submission.metrics, name), getattr(earned.metrics, name)
        if _value(credited) != _value(found):
            return f"the store credits {name} {_value(credited)}; the trajectories earn {_value(found)}"
    for one, two in zip(submission.episodes, earned.episodes, strict=True):
        if _earned(one) != _earned(two):
            return f"what the store says of episode {two.number} is not what its trajectory earns"
    if submission.normalised.score != earned.normalised.score:
        return "the stored normalised score is not that of the trajectories"
    if submission.content_digest != earned.content_digest:
        return "the stored digest of the content is not that of the trajectories"
    return None


def _earned(episode: EpisodeSummary) -> EpisodeSummary:
    return replace(episode, **_SUBMITTERS_WORD)  # type: ignore[arg-type]


def _value(number: object) -> float:
    return round(float(getattr(number, "value", number)), 9)  # type: ignore[arg-type]
