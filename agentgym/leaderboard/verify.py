"""Verify: are these trajectories the suite's episodes, and does every one of them reproduce?

What is proved: each recorded action, taken from the suite's start, earns what the submission claims. What
cannot be proved by executing actions: who chose them, how long that took and what it was shown. Agent names,
times and token counts are the submitter's word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentgym.evaluation.expansion import Entry, ExpandedSuite, start_digest
from agentgym.hashing import canonical_json
from agentgym.registry import make_env
from agentgym.replay import Difference, Replayer
from agentgym.trajectory import Trajectory

__all__ = ["Verdict", "verify"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a submission holds.

    Attributes:
        ok: Whether it does.
        episodes: Number of episodes that the suite has.
        reason: Why not, in one sentence; None where it holds.
        episode: Number of the first differing episode, if the fault lies in one.
        turn: Number of the first differing turn, if the fault lies in one.
    """

    ok: bool
    episodes: int
    reason: str | None = None
    episode: int | None = None
    turn: int | None = None

    def __str__(self) -> str:
        return f"all {self.episodes} episodes reproduce" if self.ok else f"rejected: {self.reason}"


def verify(trajectories: Sequence[Trajectory], suite: ExpandedSuite) -> Verdict:
    """Check a submission against its suite and execute every action again.

    Nothing is executed before all episodes are known to be the suite's own: the environment and its arguments
    always come from the suite.

    Args:
        trajectories: The submission, in any order.
        suite: The suite that it answers.
    """
    fault = next(_faults_of_set(trajectories, suite), None) or next(
        _faults_of_headers(trajectories, suite), None
    )
    if fault is not None:
        return fault
    replayer = Replayer()
    try:
        for trajectory in sorted(trajectories, key=lambda t: t.episode):
            difference = replayer.replay(trajectory)
            if difference is not None:
                reason = str(difference) + _environment_changed(suite.entries[trajectory.episode], difference)
                return Verdict(False, len(suite.entries), reason, difference.episode, difference.turn)
    finally:
        replayer.close()
    return Verdict(True, len(suite.entries))


def _faults_of_set(trajectories: Sequence[Trajectory], suite: ExpandedSuite) -> Iterator[Verdict]:
    """Find episodes that are missing, superfluous or there twice, and agents that are more than one."""
    wanted = len(suite.entries)
    seen: set[int] = set()
    for trajectory in trajectories:
        number = trajectory.episode
        if not 0 <= number < wanted:
            yield _fault(
                suite, number, f"episode {number} is not in {suite.title}, which has {wanted} episodes"
            )
        if number in seen:
            yield _fault(suite, number, f"episode {number} is there twice")
        seen.add(number)
    for number in range(wanted):
        if number not in seen:
            yield _fault(suite, number, f"episode {number} is missing; {len(seen)} of {wanted} are there")
    first = trajectories[0].agent if trajectories else ""
    for trajectory in trajectories:
        if trajectory.agent != first or not trajectory.agent:
            told = f"episode {trajectory.episode} was played by {trajectory.agent!r}, others by {first!r}"
            yield _fault(suite, trajectory.episode, told + "; a submission has one agent, and it has a name")


def _faults_of_headers(trajectories: Sequence[Trajectory], suite: ExpandedSuite) -> Iterator[Verdict]:
    for trajectory in trajectories:
        number = trajectory.episode
        expected = _header(suite.entries[number])
        if _unstarted(trajectory):
            expected["split"] = trajectory.split
        for name, value in expected.items():
            found = getattr(trajectory, name)
            if canonical_json(_plain_json(found)) != canonical_json(_plain_json(value)):
                told = f"episode {number}: {name} is {found!r}; the suite demands {value!r}"
                yield _fault(suite, number, told)


def _header(entry: Entry) -> dict[str, object]:
    episode = entry.episode
    return {
        "env_id": episode.env_id,
        "env_kwargs": episode.env_kwargs,
        "task_id": episode.task,
        "split": entry.split,
        "seed": episode.seed,
        "group": episode.group,
    }


def _unstarted(trajectory: Trajectory) -> bool:
    """Whether it broke off before the environment could name the split."""
    return trajectory.error is not None and not trajectory.steps and trajectory.split == ""


def _plain_json(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value


def _fault(suite: ExpandedSuite, episode: int, reason: str) -> Verdict:
    return Verdict(False, len(suite.entries), reason, episode)


def _environment_changed(entry: Entry, difference: Difference) -> str:
    """Say so where the fault is not the submission's: the task itself starts otherwise than it did."""
    if difference.turn > 0 or difference.field not in ("observation", "state", "final_observation"):
        return ""
    episode = entry.episode
    env = make_env(episode.env_id, **episode.env_kwargs)
    try:
        now = start_digest(env, str(episode.task), episode.seed)
    finally:
        env.close()
    return "" if now == entry.start else "; the environment has changed since the suite was expanded"
