"""Play a suite so that it can be submitted: an evaluation that holds to the suite's limits, and its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentgym.errors import ArgumentError
from agentgym.evaluation.evaluate import EvalResult, Watch, evaluate_suite
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.leaderboard.claims import impossible_claim
from agentgym.leaderboard.submit import FILE, bundle_of_run
from agentgym.trajectory import Trajectory

__all__ = ["run_suite"]


def run_suite(
    suite: ExpandedSuite,
    agent: str,
    out: Path,
    *,
    words: Mapping[str, Any],
    watch: Watch = lambda row, trajectory: None,
    **how: Any,
) -> tuple[EvalResult, Path]:
    """Evaluate an agent on a suite and write the submission file into the run's folder.

    Args:
        suite: The suite.
        agent: Specification of the agent.
        out: Folder of the run; a killed run goes on from there.
        words: What the submitter says; see `bundle_of_run`.
        watch: Called with every episode.
        how: Further keywords of `evaluate_suite`.

    Returns:
        The result and the file.

    Raises:
        ArgumentError: An argument is wrong, or a response is longer than the suite allows: the run stops.
    """

    def within_limits(row: str, trajectory: Trajectory) -> None:
        watch(row, trajectory)
        rules = suite.rules[suite.entries[trajectory.episode].setting]
        wrong = impossible_claim(trajectory, rules.max_tokens)
        if wrong is not None:
            raise ArgumentError(
                f"Episode {trajectory.episode}, turn {wrong[0]}: {wrong[1]}. This would be rejected. Give "
                "the agent options that keep it within the suite, and begin again in another folder."
            )

    result = evaluate_suite(suite, agent, out=out, watch=within_limits, **how)
    data = bundle_of_run(out, suite=suite, **words)
    partial = out / f"{FILE}.partial"
    partial.write_bytes(data)
    return result, partial.replace(out / FILE)
