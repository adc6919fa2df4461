"""An entry of release 0.1 rewritten as the rows of schema 0002."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.metrics import measure_episodes
from agentgym.evaluation.normalise import normalise
from agentgym.evaluation.summary import EpisodeSummary, summarise
from agentgym.leaderboard.bundle import (
    AgentIdentity,
    Header,
    SuiteIdentity,
    content_digest,
    pack,
    unpack,
)
from agentgym.leaderboard.rows import storable
from agentgym.plain import plain
from agentgym.trajectory import Trajectory

__all__ = ["Released", "rewritten"]


@dataclass(frozen=True, slots=True)
class Released:
    """An entry as columns of schema 0002.

    Attributes:
        suite: Of its suite.
        submission: Of the entry, its number aside.
        episodes: Of each of its episodes, the number of the entry aside.
    """

    suite: dict[str, Any]
    submission: dict[str, Any]
    episodes: list[dict[str, Any]]


def rewritten(row: Mapping[str, Any]) -> Released:
    """Rewrite an entry. What it was credited with is measured again from its trajectories.

    Args:
        row: Its columns in schema 0001.

    Raises:
        ValueError: It is damaged: a digest does not fit.
        DataError: A trajectory or the suite is malformed.
        OSError: The trajectories cannot be unzipped.
    """
    if hashlib.blake2b(row["trajectories_gz"], digest_size=16).hexdigest() != row["blob_digest"]:
        raise ValueError("the trajectories do not match their digest")
    lines = gzip.decompress(row["trajectories_gz"]).decode("ascii").splitlines()
    played = sorted((Trajectory.from_json(line) for line in lines), key=lambda t: t.episode)
    suite = _suite(json.loads(row["suite_json"]))
    header = _header(row["name"], suite, played[0])
    frames = unpack(pack(header, played)).frames
    summaries = [summarise(trajectory) for trajectory in played]
    episodes = [
        {**_episode(summary), "frame": frame} for summary, frame in zip(summaries, frames[1:-1], strict=True)
    ]
    submission = {
        **{name: row[name] for name in ("submitted_at", "status", "reason")},
        **{"agent": storable(header.agent.spec), "name": header.name, "package": header.package},
        **_credit(suite, summaries),
        "suite_hash": suite.hash,
        "content_digest": content_digest(played),
        "header": frames[0],
        "trailer": frames[-1],
        "size": sum(map(len, frames)),
        "file_digest": hashlib.blake2b(b"".join(frames), digest_size=16).hexdigest(),
        "notes_json": json.dumps([f"Carried over from the first release's suite {row['suite_hash'][:8]}."]),
    }
    return Released(_suite_columns(suite), submission, episodes)


def _suite(record: Mapping[str, Any]) -> ExpandedSuite:
    """Read a suite of the first release, which had one kind of rules and ranked by success, then score."""
    rules: list[dict[str, Any]] = [{"max_tokens": None, "floor": {}, "ceiling": {}}]
    episodes = [{**episode, "setting": 0} for episode in record["episodes"]]
    return ExpandedSuite.from_record(
        {**record, "metrics": ["success", "score"], "rules": rules, "episodes": episodes}
    )


def _suite_columns(suite: ExpandedSuite) -> dict[str, Any]:
    return {
        "hash": suite.hash,
        "name": suite.name,
        "version": suite.version,
        "episodes": len(suite.entries),
        "splits_json": json.dumps(suite.splits),
        "metrics_json": json.dumps(suite.metrics),
        "record_json": json.dumps(suite.to_record(), sort_keys=True, separators=(",", ":")),
    }


def _header(name: str, suite: ExpandedSuite, first: Trajectory) -> Header:
    return Header(
        package=first.package,
        suite=SuiteIdentity(name=suite.name, version=suite.version, hash=suite.hash),
        agent=AgentIdentity(spec=first.agent),
        name=plain(name, limit=80),
    )


def _credit(suite: ExpandedSuite, episodes: list[EpisodeSummary]) -> dict[str, Any]:
    results = [episode.outcome for episode in episodes]
    metrics, normalised = measure_episodes(episodes, np.random.default_rng(0)), normalise(suite, results)
    bounded = {"success": metrics.success, "score": metrics.score, "normalised": normalised.score}
    scores = np.array([r.score for r in results], "<f8").tobytes()
    successes = np.packbits(np.array([r.success for r in results], bool)).tobytes()
    return {
        "episodes": metrics.episodes,
        "tasks": metrics.tasks,
        **{name: None if found is None else found.value for name, found in bounded.items()},
        **{f"{name}_low": None if found is None else found.low for name, found in bounded.items()},
        **{f"{name}_high": None if found is None else found.high for name, found in bounded.items()},
        **{name: getattr(metrics, name).value for name in ("turns", "invalid_rate", "tokens", "cost")},
        "errored": len(metrics.errored),
        "metrics_json": json.dumps(metrics.to_record(), allow_nan=False),
        "normalised_json": json.dumps(dataclasses.asdict(normalised), allow_nan=False),
        "outcomes": scores + successes,
    }


def _episode(summary: EpisodeSummary) -> dict[str, Any]:
    columns = {
        name: getattr(summary, name)
        for name in (
            "number", "episode_return", "turns", "invalid", "tokens", "cost", "model_s", "env_s", "words",
            "actions",
        )
    }  # fmt: skip
    outcome = {"success": summary.outcome.success, "score": summary.outcome.score}
    texts = {"env_id": storable(summary.env_id), "task_id": storable(summary.task_id)}
    error = None if summary.error is None else storable(summary.error)
    return {**columns, **outcome, **texts, "error": error, "group_number": summary.group}
