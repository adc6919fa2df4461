"""A store as release 0.1 left it: its tables and columns as data, filled from trajectories of today."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import create_engine, text

from agentgym.evaluation import ExpandedSuite
from agentgym.hashing import canonical_json, digest
from agentgym.leaderboard import Submission
from agentgym.leaderboard.engine import foreign_engine, sqlite_path
from agentgym.trajectory import Trajectory

__all__ = ["columns_of", "make_released_store"]

_TABLES = """
CREATE TABLE board (
    id INTEGER NOT NULL PRIMARY KEY, schema INTEGER NOT NULL, package VARCHAR(64) NOT NULL);
CREATE TABLE submissions (
    id {serial} NOT NULL PRIMARY KEY, suite_name VARCHAR(64) NOT NULL, suite_version INTEGER NOT NULL,
    suite_hash VARCHAR(32) NOT NULL, suite_json TEXT NOT NULL, agent TEXT NOT NULL, name VARCHAR(80) NOT NULL,
    submitted_at {moment} NOT NULL, status VARCHAR(16) NOT NULL, reason TEXT, package VARCHAR(64) NOT NULL,
    metrics_json TEXT NOT NULL, outcomes_json TEXT NOT NULL, content_digest VARCHAR(32) NOT NULL,
    blob_digest VARCHAR(32) NOT NULL, trajectories_gz {bytes},
    CONSTRAINT submitted_once UNIQUE (suite_hash, content_digest));
CREATE INDEX ix_submissions_suite_name ON submissions (suite_name);
CREATE INDEX ix_submissions_suite_hash ON submissions (suite_hash)
"""
_TYPES = {
    "sqlite": {"serial": "INTEGER", "moment": "DATETIME", "bytes": "BLOB"},
    "postgresql": {"serial": "SERIAL", "moment": "TIMESTAMP WITH TIME ZONE", "bytes": "BYTEA"},
}


def make_released_store(address: str, rows: Sequence[dict[str, Any]], *, schema: int = 1) -> None:
    """Make a store as release 0.1 made it."""
    path = sqlite_path(address)
    engine = foreign_engine(address) if path is None else create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for statement in _TABLES.format(**_TYPES[engine.dialect.name]).split(";"):
            connection.execute(text(statement))
        connection.execute(text(f"INSERT INTO board VALUES (1, {schema}, '0.1.0')"))
        for row in rows:
            names = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO submissions ({', '.join(row)}) VALUES ({names})"), row)
    engine.dispose()


def columns_of(
    id: int, submission: Submission, played: Sequence[Trajectory], suite: ExpandedSuite
) -> dict[str, Any]:
    """Write an entry as the columns of that release."""
    rows = [{k: v for k, v in row.items() if k != "setting"} for row in suite.to_record()["episodes"]]
    record = {"name": suite.name, "version": suite.version, "episodes": rows}
    blob = gzip.compress("".join(t.to_json() + "\n" for t in played).encode("ascii"), mtime=0)
    moment = submission.submitted_at.replace(tzinfo=None)
    return {
        "id": id,
        "suite_name": suite.name,
        "suite_version": suite.version,
        "suite_hash": digest(record),
        "suite_json": canonical_json(record).decode("ascii"),
        "agent": submission.agent,
        "name": submission.name,
        "submitted_at": moment.isoformat(sep=" ", timespec="microseconds"),
        "status": submission.status,
        "reason": submission.reason,
        "package": submission.package,
        "metrics_json": json.dumps(submission.metrics.to_record()),
        "outcomes_json": json.dumps([dataclasses.asdict(o) for o in submission.outcomes]),
        "content_digest": digest([t.without_timing().to_json() for t in played]),
        "blob_digest": hashlib.blake2b(blob, digest_size=16).hexdigest(),
        "trajectories_gz": blob,
    }
