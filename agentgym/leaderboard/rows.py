"""Values into rows of the store and back, every stored text checked when it is read."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from typing import cast, get_args

import numpy as np
from pydantic import TypeAdapter

from agentgym.errors import ArgumentError
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.intervals import Estimate
from agentgym.evaluation.metrics import Metrics
from agentgym.evaluation.normalise import Normalised
from agentgym.evaluation.outcomes import Outcome
from agentgym.evaluation.summary import EpisodeSummary
from agentgym.hashing import canonical_json, digest
from agentgym.leaderboard.bundle import Bundle, Header, Limits
from agentgym.leaderboard.bundle.frames import open_frame
from agentgym.leaderboard.models import EpisodeRow, SubmissionRow, SuiteRow
from agentgym.leaderboard.submission import Status, Submission
from agentgym.leaderboard.summary import SuiteSummary, Summary

__all__ = [
    "episode_row",
    "episode_value",
    "frames_digest",
    "header_value",
    "pack_outcomes",
    "storable",
    "submission_row",
    "submission_value",
    "suite_summary",
    "suite_value",
    "suite_values",
    "summary_value",
    "unpack_outcomes",
]

_METRICS = TypeAdapter(Metrics)
_NORMALISED = TypeAdapter(Normalised)


def storable(text: str) -> str:
    """Replace what a database cannot hold: lone surrogates, and the NUL that PostgreSQL refuses."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def frames_digest(frames: Sequence[bytes]) -> str:
    """Digest a file by its frames: 32 hexadecimal characters."""
    return hashlib.blake2b(b"".join(frames), digest_size=16).hexdigest()


def pack_outcomes(outcomes: Sequence[Outcome]) -> bytes:
    """Write scores and successes, shape (E,), as 8 bytes and one bit each; the rest is the suite's."""
    scores = np.array([o.score for o in outcomes], dtype="<f8")
    successes = np.array([o.success for o in outcomes], dtype=bool)
    return scores.tobytes() + np.packbits(successes).tobytes()


def unpack_outcomes(packed: bytes, suite: ExpandedSuite) -> tuple[Outcome, ...]:
    """Read what `pack_outcomes` wrote.

    Raises:
        ValueError: It does not fit the suite.
    """
    count = len(suite.entries)
    if len(packed) != 8 * count + (count + 7) // 8:
        raise ValueError(f"the outcomes are not those of {count} episodes")
    scores = np.frombuffer(packed, "<f8", count)
    successes = np.unpackbits(np.frombuffer(packed, np.uint8, offset=8 * count), count=count)
    return tuple(
        Outcome(*_keys(suite, i), success=bool(successes[i]), score=float(scores[i])) for i in range(count)
    )


def _keys(suite: ExpandedSuite, number: int) -> tuple[str, str]:
    """Return start and task of an episode as `evaluation.outcomes` digests them."""
    episode = suite.entries[number].episode
    task = [episode.env_id, dict(episode.env_kwargs), episode.task]
    return digest([*task, episode.seed]), digest(task)


def suite_values(suite: ExpandedSuite) -> dict[str, object]:
    """Write a suite as the columns of its row."""
    return {
        "hash": suite.hash,
        "name": suite.name,
        "version": suite.version,
        "episodes": len(suite.entries),
        "splits_json": json.dumps(suite.splits),
        "metrics_json": json.dumps(suite.metrics),
        "record_json": canonical_json(suite.to_record()).decode("ascii"),
    }


def suite_summary(row: SuiteRow, entries: int) -> SuiteSummary:
    """Read what a suite is called and how large it is.

    Args:
        row: The suite.
        entries: Number of entries that answer it.
    """
    splits = tuple(map(str, json.loads(row.splits_json)))
    metrics = tuple(map(str, json.loads(row.metrics_json)))
    return SuiteSummary(row.hash, row.name, row.version, splits, metrics, row.episodes, entries)


def suite_value(row: SuiteRow) -> ExpandedSuite:
    """Read a suite.

    Raises:
        ValueError: It does not match its hash.
        DataError: It is none.
    """
    suite = ExpandedSuite.from_record(json.loads(row.record_json))
    if suite.hash != row.hash:
        raise ValueError("the suite does not match its hash")
    return suite


def submission_row(submission: Submission, *, owner: str | None) -> SubmissionRow:
    """Write an entry with header and trailer of its file, without the episodes.

    Raises:
        ArgumentError: Its file was not fetched.
    """
    if submission.bundle is None:
        raise ArgumentError("A submission without its file cannot be stored. Pass it with its bundle.")
    frames, metrics, middle = submission.bundle.frames, submission.metrics, submission.normalised.score
    return SubmissionRow(
        suite_hash=submission.suite.hash,
        agent=storable(submission.agent),
        name=storable(submission.name),
        owner=owner,
        submitted_at=submission.submitted_at,
        status=submission.status,
        reason=None if submission.reason is None else storable(submission.reason),
        package=submission.package,
        episodes=metrics.episodes,
        tasks=metrics.tasks,
        success=metrics.success.value,
        success_low=metrics.success.low,
        success_high=metrics.success.high,
        score=metrics.score.value,
        score_low=metrics.score.low,
        score_high=metrics.score.high,
        normalised=middle.value if middle is not None else None,
        normalised_low=middle.low if middle is not None else None,
        normalised_high=middle.high if middle is not None else None,
        turns=metrics.turns.value,
        invalid_rate=metrics.invalid_rate.value,
        tokens=metrics.tokens.value,
        cost=metrics.cost.value,
        errored=len(metrics.errored),
        size=sum(map(len, frames)),
        content_digest=submission.content_digest,
        file_digest=frames_digest(frames),
        notes_json=json.dumps(submission.notes),
        metrics_json=json.dumps(metrics.to_record(), allow_nan=False),
        normalised_json=json.dumps(dataclasses.asdict(submission.normalised), allow_nan=False),
        outcomes=pack_outcomes([e.outcome for e in submission.episodes]),
        header=frames[0],
        trailer=frames[-1],
    )


def header_value(frame: bytes) -> Header:
    """Read the header of a submitted file.

    Raises:
        SubmissionError: It is damaged.
    """
    return Header.from_line(open_frame(frame, Limits().header_bytes, "the header"))


def submission_value(
    row: SubmissionRow,
    suite: ExpandedSuite,
    episodes: Sequence[EpisodeSummary],
    frames: Sequence[bytes] | None,
) -> Submission:
    """Read an entry.

    Args:
        row: The entry.
        suite: The suite that it answers.
        episodes: Its episodes in order.
        frames: All frames of its file; None where they were not fetched.

    Raises:
        ValueError: Something is not what it should be.
        SubmissionError: The header is damaged.
    """
    header = header_value(row.header)
    if len(episodes) != row.episodes:
        raise ValueError(f"{len(episodes)} of its {row.episodes} episodes are there")
    if frames is not None and frames_digest(frames) != row.file_digest:
        raise ValueError("the file does not match its digest")
    summary = summary_value(row, place=None)
    if (summary.name, summary.agent) != (storable(header.name), storable(header.agent.spec)):
        raise ValueError("name and agent are not those of the submitted file")
    return Submission(
        suite=suite,
        header=header,
        submitted_at=summary.submitted_at,
        status=summary.status,
        reason=summary.reason,
        metrics=_METRICS.validate_json(row.metrics_json),
        normalised=_NORMALISED.validate_json(row.normalised_json),
        episodes=tuple(episodes),
        content_digest=row.content_digest,
        notes=summary.notes,
        bundle=None if frames is None else Bundle(header, tuple(frames)),
        id=row.id,
    )


def summary_value(row: SubmissionRow, place: int | None) -> Summary:
    """Read an entry without its episodes.

    Raises:
        ValueError: There is no such status.
    """
    if row.status not in get_args(Status):
        raise ValueError(f"the status is {row.status!r}")
    return Summary(
        id=row.id,
        place=place,
        suite_hash=row.suite_hash,
        name=row.name,
        agent=row.agent,
        owner=row.owner,
        submitted_at=row.submitted_at,
        status=cast(Status, row.status),
        reason=row.reason,
        package=row.package,
        episodes=row.episodes,
        tasks=row.tasks,
        success=Estimate(row.success, row.success_low, row.success_high),
        score=Estimate(row.score, row.score_low, row.score_high),
        normalised=_normalised(row),
        turns=row.turns,
        invalid_rate=row.invalid_rate,
        tokens=row.tokens,
        cost=row.cost,
        errored=row.errored,
        size=row.size,
        notes=tuple(json.loads(row.notes_json)),
    )


def _normalised(row: SubmissionRow) -> Estimate | None:
    if row.normalised is None:
        return None
    return Estimate(row.normalised, row.normalised_low, row.normalised_high)


def episode_row(submission_id: int, summary: EpisodeSummary, frame: bytes) -> EpisodeRow:
    """Write an episode."""
    return EpisodeRow(
        submission_id=submission_id,
        number=summary.number,
        env_id=storable(summary.env_id),
        task_id=storable(summary.task_id),
        group=summary.group,
        success=summary.outcome.success,
        score=summary.outcome.score,
        episode_return=summary.episode_return,
        turns=summary.turns,
        invalid=summary.invalid,
        tokens=summary.tokens,
        cost=summary.cost,
        model_s=summary.model_s,
        env_s=summary.env_s,
        error=None if summary.error is None else storable(summary.error),
        words=summary.words,
        actions=summary.actions,
        frame=frame,
    )


def episode_value(row: EpisodeRow, suite: ExpandedSuite) -> EpisodeSummary:
    """Read an episode without its steps.

    Raises:
        LookupError: The suite has no such episode.
    """
    return EpisodeSummary(
        number=row.number,
        env_id=row.env_id,
        task_id=row.task_id,
        group=row.group,
        outcome=Outcome(*_keys(suite, row.number), success=row.success, score=row.score),
        episode_return=row.episode_return,
        turns=row.turns,
        invalid=row.invalid,
        tokens=row.tokens,
        cost=row.cost,
        model_s=row.model_s,
        env_s=row.env_s,
        error=row.error,
        words=row.words,
        actions=row.actions,
    )
