"""Verify a submission: a process with limits executes every action again and recomputes every number.

What is proved: each recorded action, taken from the suite's start, earns what the submission claims. What
cannot be proved by executing actions: who chose them, how long that took and what it was shown. Agent names,
times, costs and token counts are the submitter's word, held to what is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentgym.errors import SubmissionError
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.evaluation.suite import load_suite, suite_files
from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard.bundle import Bundle, Header, read_bundle
from agentgym.leaderboard.credit import Credit, credit
from agentgym.leaderboard.echoes import Known, echo, notes
from agentgym.leaderboard.process import VerifyLimits, judge_apart

__all__ = ["Verdict", "find_suite", "verify", "verify_file"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a submission holds.

    Attributes:
        ok: Whether it does.
        episodes: Number of episodes that the suite has.
        reason: Why not, in one sentence; None where it holds.
        episode: Number of the first differing episode, if the fault lies in one.
        turn: Number of the first differing turn, if the fault lies in one.
        notes: What a reader should know although it is no fault.
        credit: Its numbers; None where it does not hold.
    """

    ok: bool
    episodes: int
    reason: str | None = None
    episode: int | None = None
    turn: int | None = None
    notes: tuple[str, ...] = ()
    credit: Credit | None = None

    def __str__(self) -> str:
        return f"all {self.episodes} episodes reproduce" if self.ok else f"rejected: {self.reason}"


def verify(
    bundle: Bundle,
    suite: ExpandedSuite,
    *,
    limits: VerifyLimits | None = None,
    known: Callable[[Sequence[EpisodeSummary]], Iterable[Known]] = lambda episodes: (),
    submitter: str | None = None,
) -> Verdict:
    """Check a submission against its suite and execute every action again, in a process of its own.

    Args:
        bundle: The submission.
        suite: The suite that it answers; environments, arguments, tasks and seeds are taken from it alone.
        limits: Of memory and time; None: the usual ones.
        known: Asked with the episodes for entries of the same suite whose words or actions are like theirs.
        submitter: Who submits it; entries of the same are not held against it.

    Raises:
        VerificationError: The suite cannot be played on this machine, or the process cannot be started.
        MissingExtraError: A package is not installed.
    """
    found = judge_apart(bundle, suite, limits or VerifyLimits())
    wanted = len(suite.entries)
    if found.reason is not None:
        return Verdict(False, wanted, found.reason, found.episode, found.turn)
    alike = list(known(found.episodes))
    repeated = echo(bundle.header, found.episodes, alike, submitter)
    if repeated is not None:
        return Verdict(False, wanted, repeated[1], repeated[0])
    told = notes(bundle.header, found.episodes, alike, submitter)
    return Verdict(True, wanted, notes=told, credit=credit(suite, found.episodes, found.content_digest))


def verify_file(
    path: Path, suite: ExpandedSuite | None = None, *, limits: VerifyLimits | None = None
) -> Verdict:
    """Check a submission file; one that cannot be read is rejected like any other.

    Args:
        path: The file.
        suite: The suite that it answers; None: the one that it names.
        limits: Of memory and time; None: the usual ones.

    Raises:
        OSError: It cannot be opened.
        VerificationError: The suite cannot be played on this machine.
    """
    limits = limits or VerifyLimits()
    try:
        bundle = read_bundle(path, limits.bundle)
        suite = find_suite(bundle.header) if suite is None else suite
    except SubmissionError as error:
        return Verdict(
            False, 0 if suite is None else len(suite.entries), str(error), error.episode, error.turn
        )
    return verify(bundle, suite, limits=limits)


def find_suite(header: Header) -> ExpandedSuite:
    """Find the suite that a submission names, among those that ship or lie in $AGENTGYM_LEADERBOARDS.

    Raises:
        SubmissionError: There is none of that name. A name is never taken for a path.
    """
    if header.suite.name not in suite_files():
        raise SubmissionError(
            f"There is no suite {header.suite.name!r} here. Known: {', '.join(suite_files()) or 'none'}."
        )
    return load_suite(header.suite.name).frozen()
