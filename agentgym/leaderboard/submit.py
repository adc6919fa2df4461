"""Make a submission of a run, and submit it: taken only if it is the suite's and every episode reproduces."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from agentgym.errors import ArgumentError
from agentgym.evaluation.evaluate import RESULT_FILE
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.suite import load_suite
from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard.bundle import (
    AgentIdentity,
    Bundle,
    Curve,
    Header,
    SuiteIdentity,
    pack,
    read_bundle,
    unpack,
)
from agentgym.leaderboard.bundle.header import LONGEST_NAME
from agentgym.leaderboard.echoes import Known
from agentgym.leaderboard.process import VerifyLimits
from agentgym.leaderboard.submission import Submission
from agentgym.leaderboard.verify import Verdict, find_suite, verify
from agentgym.plain import plain
from agentgym.rollout import load_run

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store
    from agentgym.leaderboard.uploads import Upload

__all__ = ["FILE", "bundle_of_run", "entry", "read_curve", "said_file", "submit", "submit_bundle"]

FILE: Final = "submission.jsonl.zst"
"""What `agentgym leaderboard run` writes into the folder of a run."""

_POINTS = 500


def bundle_of_run(folder: Path, *, suite: ExpandedSuite | None = None, **words: Any) -> bytes:
    """Write the submission file of a run.

    Args:
        folder: The folder that `agentgym leaderboard run` or `agentgym eval --suite` filled.
        suite: The suite that it answers; None: the one that the run names.
        words: What the submitter says: `name`, `description`, `card`, `curve`, `reproduces`; see `Header`.

    Raises:
        ArgumentError: The run was made for no suite or for another one, or something said cannot be taken.
        TrajectoryError: The run is unfinished or its hash chain is broken.
    """
    plan, trajectories = load_run(folder)
    suite = _suite_of(plan.labels, suite, folder)
    versions = sorted({trajectory.package for trajectory in trajectories})
    if len(versions) != 1:
        raise ArgumentError(
            f"{folder} was played by versions {', '.join(versions)}. Evaluate again with one."
        )
    identity = SuiteIdentity(name=suite.name, version=suite.version, hash=suite.hash)
    try:
        agent = AgentIdentity(spec=plan.agent, options=plan.agent_options, seed=plan.agent_seed)
        words = {"name": plain(plan.agent, limit=LONGEST_NAME), "record": _record(folder), **words}
        header = Header(package=versions[0], suite=identity, agent=agent, **words)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ArgumentError(f"This cannot stand in a submission: {plain(faults, limit=500)}.") from error
    return pack(header, trajectories)


def said_file(source: Path, words: Mapping[str, Any]) -> Path | None:
    """Return the file that says all that is submitted; None where one is to be made of a run.

    Args:
        source: A submission file, or the folder of a run; its own file is taken where nothing new is said.
        words: What the submitter says now.

    Raises:
        ArgumentError: Something is said of a file.
    """
    if source.is_dir():
        return source / FILE if not words and (source / FILE).is_file() else None
    if words:
        raise ArgumentError(f"{source} says itself who it is. Give {', '.join(words)} when it is made.")
    return source


def submit(
    source: Path,
    store: Store,
    *,
    suite: ExpandedSuite | None = None,
    limits: VerifyLimits | None = None,
    **words: Any,
) -> Submission:
    """Verify a run or a submission file and add it to the store.

    Args:
        source: Folder of a run, or a submission file.
        store: Where it goes.
        suite: The suite that it answers; None: the one that it names.
        limits: Of the verification; None: the usual ones.
        words: What the submitter says of a run; see `bundle_of_run`. A file has said it all, the one that
            `agentgym leaderboard run` left in the folder as well.

    Returns:
        The submission as stored.

    Raises:
        ArgumentError: The run was made for no suite or for another one, does not reproduce, or is already
            there.
        SubmissionError: The file is malformed.
        TrajectoryError: The run is unfinished or its hash chain is broken.
        VerificationError: The suite cannot be played on this machine.
    """
    words = {name: value for name, value in words.items() if value is not None}
    file = said_file(source, words)
    made = read_bundle(file) if file is not None else unpack(bundle_of_run(source, suite=suite, **words))
    verdict, submission = submit_bundle(made, store, suite=suite, limits=limits)
    if submission is None:
        raise ArgumentError(f"{source} is {verdict}. Nothing was stored.")
    return submission


def submit_bundle(
    bundle: Bundle,
    store: Store,
    *,
    suite: ExpandedSuite | None = None,
    owner: str | None = None,
    upload: Upload | None = None,
    limits: VerifyLimits | None = None,
) -> tuple[Verdict, Submission | None]:
    """Verify a submission and, where it holds, add it to the store.

    Args:
        bundle: The submission.
        store: Where it goes.
        suite: The suite that it answers; None: the one that it names.
        owner: Who submits it; None for this machine.
        upload: The claimed upload that it came in; it then tells the owner.
        limits: Of the verification; None: the usual ones.

    Returns:
        The verdict, and the submission as stored; None where it was rejected.

    Raises:
        ArgumentError: It is already there.
        SubmissionError: It names no known suite.
        VerificationError: The suite cannot be played on this machine.
    """
    suite = find_suite(bundle.header) if suite is None else suite
    owner = owner if upload is None else upload.owner

    def known(episodes: Sequence[EpisodeSummary]) -> Sequence[Known]:
        return store.alike(suite.hash, episodes, but_of=owner)

    verdict = verify(bundle, suite, limits=limits, known=known, submitter=owner)
    if not verdict.ok:
        return verdict, None
    made = entry(bundle, suite, verdict)
    number = store.add(made, owner=owner, upload=upload)
    store.compare_neighbours(number)
    return verdict, store.get(number)


def entry(bundle: Bundle, suite: ExpandedSuite, verdict: Verdict) -> Submission:
    """Make the entry of a submission that holds.

    Raises:
        ArgumentError: It does not hold.
    """
    if verdict.credit is None:
        raise ArgumentError(f"This submission is {verdict}.")
    return Submission(
        suite=suite,
        header=bundle.header,
        submitted_at=datetime.now(UTC),
        status="verified",
        reason=None,
        metrics=verdict.credit.metrics,
        normalised=verdict.credit.normalised,
        episodes=verdict.credit.episodes,
        content_digest=verdict.credit.content_digest,
        notes=verdict.notes,
        bundle=bundle,
    )


def read_curve(path: Path, metric: str = "success") -> Curve:
    """Read a learning curve from the `metrics.jsonl` of `agentgym train`: the metric over episodes played.

    Args:
        path: The file, or the folder of the training run. At most 500 points are kept, evenly spaced.
        metric: Which number of its lines.

    Raises:
        ArgumentError: There is no such file, or no line with that number.
    """
    file = path / "metrics.jsonl" if path.is_dir() else path
    try:
        lines = [json.loads(line) for line in file.read_text("ascii").splitlines()]
        points, played = [], 0.0
        for line in lines:
            played += line.get("episodes", 1)
            if isinstance(line.get(metric), int | float) and math.isfinite(line[metric]):
                points.append((played, float(line[metric])))
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ArgumentError(f"{file} holds no metrics of a training run: {error}.") from error
    if not points:
        raise ArgumentError(f"No line of {file} has a number {metric!r}.")
    step = max(1, math.ceil(len(points) / _POINTS))
    return Curve(metric=metric, points=tuple(points[::-step][::-1]))


def _record(folder: Path) -> dict[str, Any]:
    """Return the reproducibility record that the evaluation left; empty where it left none."""
    try:
        found = json.loads((folder / RESULT_FILE).read_text("ascii"))["record"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict(found) if isinstance(found, Mapping) else {}


def _suite_of(labels: Mapping[str, str], suite: ExpandedSuite | None, folder: Path) -> ExpandedSuite:
    named, made_for = labels.get("suite"), labels.get("suite_hash")
    if named is None or made_for is None:
        raise ArgumentError(
            f"{folder} was not made for a suite. "
            "Make a run with: agentgym leaderboard run SUITE --agent SPEC --out FOLDER"
        )
    suite = load_suite(named).frozen() if suite is None else suite
    if made_for != suite.hash:
        raise ArgumentError(
            f"{folder} was made for suite {named!r} with hash {made_for[:8]}, not for {suite.title}. "
            "The suite or the tasks of its environments have changed: evaluate again."
        )
    return suite
