"""Judge a submission in this process: are these the suite's episodes, and does every one of them reproduce?

Episodes are opened, checked and executed one at a time. What is executed is always the suite's: an episode
whose environment, arguments, task or seed are others is refused before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agentgym.errors import SubmissionError, VerificationError
from agentgym.evaluation.expansion import Entry, ExpandedSuite, start_digest
from agentgym.evaluation.summary import EpisodeSummary, summarise
from agentgym.hashing import canonical_json, digest
from agentgym.leaderboard.bundle import Bundle, Limits
from agentgym.leaderboard.bundle.lines import Opened
from agentgym.leaderboard.claims import impossible_claim
from agentgym.plain import plain
from agentgym.registry import make_env
from agentgym.replay import Difference, Replayer
from agentgym.trajectory import Trajectory
from agentgym.version import __version__

__all__ = ["Judgement", "judge"]

_VERSION: Final = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})[A-Za-z0-9.+-]{0,32}")
_LONGEST_REASON: Final = 600

Watch = Callable[[int, int], None]
"""Called with episode and turn before whatever may take long; turn -1: opening and starting the episode."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found.

    Attributes:
        reason: What is wrong, in one sentence; None where nothing is.
        episode: Number of the episode at fault, if the fault lies in one.
        turn: Number of its turn at fault, if the fault lies in one.
        episodes: Summaries of all episodes; empty where something is wrong.
        content_digest: Digest of what was played; "" likewise.
    """

    reason: str | None
    episode: int | None = None
    turn: int | None = None
    episodes: tuple[EpisodeSummary, ...] = ()
    content_digest: str = ""


class _Fault(Exception):
    """Ends the judging."""

    def __init__(self, reason: str, episode: int | None = None, turn: int | None = None) -> None:
        super().__init__(reason)
        self.judgement = Judgement(plain(reason, limit=_LONGEST_REASON), episode, turn)


def judge(
    bundle: Bundle, suite: ExpandedSuite, limits: Limits, watch: Watch = lambda episode, turn: None
) -> Judgement:
    """Check every claim of a submission and execute every action again.

    Args:
        bundle: The submission.
        suite: The suite that it answers.
        limits: How large its parts may be.
        watch: Called before every start and step.

    Raises:
        VerificationError: An environment of the suite cannot be made or started here.
        MissingExtraError: It needs a package that is not installed.
    """
    try:
        _check_header(bundle, suite)
        return _Episodes(bundle, suite, watch).judge(limits)
    except _Fault as fault:
        return fault.judgement
    except SubmissionError as error:
        return Judgement(plain(error, limit=_LONGEST_REASON), error.episode, error.turn)


def _check_header(bundle: Bundle, suite: ExpandedSuite) -> None:
    header = bundle.header
    claimed = (header.suite.name, header.suite.version, header.suite.hash)
    if claimed != (suite.name, suite.version, suite.hash):
        name, version, hash = claimed
        raise _Fault(f"it was made for {name} v{version} ({hash[:8]}), not for {suite.title}")
    made_by, ours = _VERSION.fullmatch(header.package), _VERSION.fullmatch(__version__)
    if made_by is None:
        raise _Fault(f"the header names {header.package!r} as version of this package, which is none")
    if ours is not None and tuple(map(int, made_by.groups())) > tuple(map(int, ours.groups())):
        raise _Fault(
            f"it says that agentgym {header.package} played; this is {__version__}, which cannot know what "
            "that version does"
        )
    record = header.record
    told = {
        "packages": {"agentgym-suite": header.package},
        "agent": {"spec": header.agent.spec},
        "seeds": {"agent": header.agent.seed},
        "episodes": bundle.episodes,
    }
    for name, value in told.items():
        _check_record(name, record.get(name, value), value)


def _check_record(name: str, found: Any, value: Any) -> None:
    """Compare a fact of the reproducibility record, where it is there, with the header."""
    if isinstance(value, Mapping) and isinstance(found, Mapping):
        for key, inner in value.items():
            _check_record(f"{name}.{key}", found.get(key, inner), inner)
    elif found != value or type(found) is not type(value):
        raise _Fault(f"its reproducibility record says {name} = {found!r}; the header says {value!r}")


class _Episodes:
    """One pass through the episodes of a submission."""

    def __init__(self, bundle: Bundle, suite: ExpandedSuite, watch: Watch) -> None:
        self._bundle = bundle
        self._suite = suite
        self._watch = watch
        self._place = 0

    def judge(self, limits: Limits) -> Judgement:
        """Judge one episode after another; the first fault ends it."""
        summaries: list[EpisodeSummary] = []
        chains: list[str] = []
        replayer = Replayer(watch=lambda turn: self._watch(self._place, turn))
        try:
            for opened in self._opened(limits):
                trajectory = opened.trajectory
                self._check_place(trajectory)
                self._check_origin(trajectory)
                self._check_claims(trajectory)
                self._execute(replayer, trajectory)
                summaries.append(summarise(trajectory))
                chains.append(opened.chain)
                self._place += 1
        finally:
            replayer.close()
        wanted = len(self._suite.entries)
        if self._place < wanted:
            told = f"episode {self._place} is missing; {self._place} of {wanted} are there"
            raise _Fault(told, self._place)
        return Judgement(None, episodes=tuple(summaries), content_digest=digest(chains))

    def _opened(self, limits: Limits) -> Iterator[Opened]:
        self._watch(0, -1)
        for opened in self._bundle.opened(limits):
            yield opened
            self._watch(self._place, -1)

    def _check_place(self, trajectory: Trajectory) -> None:
        number, place, wanted = trajectory.episode, self._place, len(self._suite.entries)
        if not 0 <= number < wanted:
            told = f"episode {number} is not in {self._suite.title}, which has {wanted} episodes"
            raise _Fault(told, number)
        if number < place:
            raise _Fault(f"episode {number} is there twice, or out of order", number)
        if number > place:
            told = f"episode {place} is missing: episode {number} stands in its place"
            raise _Fault(told, place)

    def _check_origin(self, trajectory: Trajectory) -> None:
        """Check everything that the suite or the header fixes."""
        header = self._bundle.header
        expected = _fixed(self._suite.entries[self._place])
        if trajectory.error is not None and not trajectory.steps and trajectory.split == "":
            expected["split"] = ""  # it broke off before the environment could name the split
        for name, value in expected.items():
            found = getattr(trajectory, name)
            if canonical_json(_plain_json(found)) != canonical_json(_plain_json(value)):
                self._refuse(f"{name} is {found!r}; the suite demands {value!r}")
        if trajectory.agent != header.agent.spec:
            self._refuse(f"it was played by {trajectory.agent!r}; the header names {header.agent.spec!r}")
        if trajectory.package != header.package:
            self._refuse(f"it was recorded by {trajectory.package!r}; the header names {header.package!r}")

    def _check_claims(self, trajectory: Trajectory) -> None:
        rules = self._suite.rules[self._suite.entries[self._place].setting]
        found = impossible_claim(trajectory, rules.max_tokens)
        if found is not None:
            turn, told = found
            self._refuse(told, turn)

    def _execute(self, replayer: Replayer, trajectory: Trajectory) -> None:
        difference = replayer.replay(trajectory)
        if difference is None:
            return
        if difference.field == "environment":  # it is the suite's, so the machine is at fault
            raise VerificationError(
                f"{self._suite.title} cannot be played here: {plain(difference.replayed, limit=400)}. "
                "Install what it needs, or point the variables at its data."
            )
        entry = self._suite.entries[self._place]
        told = plain(difference, limit=_LONGEST_REASON - 80) + _environment_changed(entry, difference)
        raise _Fault(told, difference.episode, difference.turn)

    def _refuse(self, told: str, turn: int | None = None) -> None:
        where = f"episode {self._place}" if turn is None else f"episode {self._place}, turn {turn}"
        raise _Fault(f"{where}: {told}", self._place, turn)


def _fixed(entry: Entry) -> dict[str, object]:
    episode = entry.episode
    return {
        "env_id": episode.env_id,
        "env_kwargs": episode.env_kwargs,
        "task_id": episode.task,
        "split": entry.split,
        "seed": episode.seed,
        "group": episode.group,
    }


def _plain_json(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value


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
