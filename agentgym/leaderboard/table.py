"""The ranking of one suite, and which of its steps the evidence supports."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agentgym.errors import ArgumentError
from agentgym.evaluation.compare import Comparison, compare
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.leaderboard.submission import Submission

__all__ = ["Board", "Row", "boards", "rank"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a ranking.

    Attributes:
        place: 1 for the first. Submissions that failed a later verification have no place.
        submission: Who stands there.
        versus_above: The row above compared with this one, paired over the suite's episodes; None on top.
        separated: Whether that difference is supported; False reads: these two may as well be equal.
    """

    place: int | None
    submission: Submission
    versus_above: Comparison | None
    separated: bool

    def to_record(self) -> dict[str, Any]:
        """Return the row as a JSON object, without the trajectories."""
        entry = self.submission
        return {
            "place": self.place,
            "id": entry.id,
            "name": entry.name,
            "agent": entry.agent,
            "submitted_at": entry.submitted_at.isoformat(),
            "status": entry.status,
            "reason": entry.reason,
            "package": entry.package,
            "metrics": entry.metrics.to_record(),
            "versus_above": None if self.versus_above is None else dataclasses.asdict(self.versus_above),
            "separated_from_above": self.separated,
        }


@dataclass(frozen=True, slots=True)
class Board:
    """The ranking of one suite.

    Attributes:
        suite: The suite; all rows answer this very hash.
        rows: Best first; those that failed verification last.
    """

    suite: ExpandedSuite
    rows: tuple[Row, ...]

    def to_record(self) -> dict[str, Any]:
        """Return the board as a JSON object."""
        suite = {"name": self.suite.name, "version": self.suite.version, "hash": self.suite.hash}
        return {**suite, "episodes": len(self.suite.episodes), "rows": [row.to_record() for row in self.rows]}


def boards(submissions: Sequence[Submission]) -> list[Board]:
    """Rank submissions, one board for each suite hash: what was measured differently is never compared."""
    by_hash: dict[str, list[Submission]] = {}
    for submission in submissions:
        by_hash.setdefault(submission.suite.hash, []).append(submission)
    return [rank(group) for group in by_hash.values()]


def rank(submissions: Sequence[Submission]) -> Board:
    """Rank the submissions of one suite by success, then by score, then by age.

    Raises:
        ArgumentError: There are none, or they answer different suites.
    """
    if len({s.suite.hash for s in submissions}) != 1:
        raise ArgumentError("A ranking needs submissions to one suite. Group them by the suite's hash first.")
    held = sorted((s for s in submissions if s.status == "verified"), key=_order)
    failed = [s for s in submissions if s.status != "verified"]
    rows = [_row(place, held) for place in range(1, len(held) + 1)]
    rows += [Row(None, s, None, separated=False) for s in failed]
    return Board(submissions[0].suite, tuple(rows))


def _order(submission: Submission) -> tuple[float, float, float]:
    metrics = submission.metrics
    return -metrics.success.value, -metrics.score.value, submission.submitted_at.timestamp()


def _row(place: int, ranking: Sequence[Submission]) -> Row:
    entry = ranking[place - 1]
    if place == 1:
        return Row(1, entry, None, separated=True)
    gap = compare(ranking[place - 2].outcomes, entry.outcomes, np.random.default_rng(0))
    by_score = gap.success.value == 0 and gap.score.supported
    return Row(place, entry, gap, separated=gap.success.supported or by_score)
