"""Submit a run: taken only if it is exactly the suite's and every episode reproduces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from agentgym.errors import ArgumentError
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.metrics import Metrics, measure
from agentgym.evaluation.outcomes import outcomes
from agentgym.evaluation.suite import load_suite
from agentgym.leaderboard.packing import content_digest, pack
from agentgym.leaderboard.submission import Submission
from agentgym.leaderboard.verify import verify
from agentgym.plain import plain
from agentgym.rollout import load_run
from agentgym.trajectory import Trajectory
from agentgym.version import __version__

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["metrics_of", "submit"]

_LONGEST_NAME = 80


def submit(
    run_folder: Path, store: Store, *, suite: ExpandedSuite | None = None, name: str | None = None
) -> Submission:
    """Verify a run and add it to the store.

    Args:
        run_folder: The folder that `agentgym eval --suite ... --out` filled.
        store: Where it goes.
        suite: The suite that it answers; None: the one that the run names.
        name: The name shown; None: the agent's specification.

    Returns:
        The submission as stored.

    Raises:
        ArgumentError: The run was made for no suite or for another one, does not reproduce, or is already
            there.
        TrajectoryError: The run is unfinished or its hash chain is broken.
    """
    plan, trajectories = load_run(run_folder)
    suite = _suite_of(plan.labels, suite, run_folder)
    verdict = verify(trajectories, suite)
    if not verdict.ok:
        raise ArgumentError(
            f"{run_folder} is rejected by {suite.title}: {verdict.reason}. Nothing was stored."
        )
    submission = _accepted(trajectories, suite, _shown_name(name, trajectories[0].agent))
    return replace(submission, id=store.add(submission))


def _suite_of(labels: Mapping[str, str], suite: ExpandedSuite | None, folder: Path) -> ExpandedSuite:
    named, made_for = labels.get("suite"), labels.get("suite_hash")
    if named is None or made_for is None:
        raise ArgumentError(
            f"{folder} was not made for a suite. "
            "Make a run with: agentgym eval --suite NAME --agent SPEC --out FOLDER"
        )
    suite = load_suite(named).expand() if suite is None else suite
    if made_for != suite.hash:
        raise ArgumentError(
            f"{folder} was made for suite {named!r} with hash {made_for[:8]}, not for {suite.title}. "
            "The suite or the tasks of its environments have changed: evaluate again."
        )
    return suite


def _accepted(trajectories: Sequence[Trajectory], suite: ExpandedSuite, name: str) -> Submission:
    return Submission(
        suite=suite,
        agent=trajectories[0].agent,
        name=name,
        submitted_at=datetime.now(UTC),
        status="verified",
        reason=None,
        metrics=metrics_of(trajectories),
        outcomes=outcomes(trajectories),
        package=__version__,
        content_digest=content_digest(trajectories),
        blob=pack(trajectories),
    )


def metrics_of(trajectories: Sequence[Trajectory]) -> Metrics:
    """Measure what is credited; the resamples are drawn alike on every machine."""
    return measure(trajectories, np.random.default_rng(0))


def _shown_name(name: str | None, agent: str) -> str:
    if name is None:
        return plain(agent, limit=_LONGEST_NAME)
    if not name.strip() or len(name) > _LONGEST_NAME or plain(name, limit=_LONGEST_NAME) != name:
        raise ArgumentError(
            f"The name {plain(name)!r} cannot be shown. Pass 1 to {_LONGEST_NAME} printable characters."
        )
    return name
