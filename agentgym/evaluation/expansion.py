"""A suite written out: every episode, where it starts, and one hash over all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from agentgym.api import TextEnv
from agentgym.errors import ArgumentError, DataError
from agentgym.hashing import digest
from agentgym.rollout.plan import Episode

__all__ = ["RANKED_BY", "Entry", "ExpandedSuite", "Rules", "refuse_twins", "start_digest"]

RANKED_BY: Final = ("success", "score")
"""What ranks entries where a suite says nothing: success, and score among equals."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all episodes of one setting beyond its starts.

    Attributes:
        max_tokens: Greatest number of tokens of one response; None: any.
        floor: What the random agent reaches, by metric; empty where it was not measured.
        ceiling: What the oracle reaches, by metric; empty likewise.
    """

    max_tokens: int | None = None
    floor: Mapping[str, float] = field(default_factory=dict)
    ceiling: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One episode of a suite.

    Attributes:
        episode: What is played.
        split: The split of its task.
        start: Its `start_digest`, so that the suite's hash shows a task that changes under an unchanged name.
        setting: Number of its setting within the suite.
    """

    episode: Episode
    split: str
    start: str
    setting: int = 0


@dataclass(frozen=True, slots=True)
class ExpandedSuite:
    """A suite with every episode written out: what a leaderboard compares by.

    Attributes:
        name: Its name.
        version: Its version.
        entries: The episodes, shape (E,).
        rules: What holds for each setting, shape (S,).
        metrics: The metrics that rank entries, the first first.
    """

    name: str
    version: int
    entries: tuple[Entry, ...]
    rules: tuple[Rules, ...] = (Rules(),)
    metrics: tuple[str, ...] = RANKED_BY

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """What is played, shape (E,)."""
        return tuple(entry.episode for entry in self.entries)

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that the tasks come from, sorted."""
        return tuple(sorted({entry.split for entry in self.entries}))

    @property
    def hash(self) -> str:
        """Digest of everything that is measured; two runs compare only where it is equal."""
        return digest(self.to_record())

    @property
    def title(self) -> str:
        """Name, version and a short hash, for people."""
        return f"{self.name} v{self.version} ({self.hash[:8]})"

    def to_record(self) -> dict[str, Any]:
        """Return the canonical JSON object of which `hash` is the digest."""
        rows = [_to_row(entry) for entry in self.entries]
        rules = [asdict(rule) for rule in self.rules]
        return {
            "name": self.name,
            "version": self.version,
            "metrics": list(self.metrics),
            "rules": rules,
            "episodes": rows,
        }

    @classmethod
    def from_record(cls, record: Any) -> ExpandedSuite:
        """Take up what `to_record` returned.

        Raises:
            DataError: It is no such object.
        """
        try:
            entries = tuple(_from_row(number, row) for number, row in enumerate(record["episodes"]))
            rules = tuple(Rules(**rule) for rule in record["rules"])
            if any(not 0 <= entry.setting < len(rules) for entry in entries):
                raise ValueError("an episode belongs to no setting")
            metrics = tuple(str(name) for name in record["metrics"])
            return cls(str(record["name"]), int(record["version"]), entries, rules, metrics)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"This is no expanded suite: {error!r}.") from error


def start_digest(env: TextEnv, task: str, seed: int) -> str:
    """Start a task and digest its first observation and its state."""
    observation, info = env.reset(seed=seed, options={"task": task})
    return digest([observation, info["state_key"]])


def refuse_twins(suite: ExpandedSuite) -> None:
    """Raise where one start is listed twice.

    Raises:
        ArgumentError: It is.
    """
    seen: dict[str, int] = {}
    for e in suite.episodes:
        start = digest([e.env_id, dict(e.env_kwargs), e.task, e.seed])
        if seen.setdefault(start, e.group) != e.group:
            raise ArgumentError(
                f"Suite {suite.name!r} lists task {e.task!r} of {e.env_id} with seed {e.seed} twice. "
                "Use repeats to play a start several times."
            )


def _to_row(entry: Entry) -> dict[str, Any]:
    episode = entry.episode
    return {
        "env_id": episode.env_id,
        "env_kwargs": dict(episode.env_kwargs),
        "split": entry.split,
        "task": episode.task,
        "seed": episode.seed,
        "group": episode.group,
        "start": entry.start,
        "setting": entry.setting,
    }


def _from_row(number: int, row: Any) -> Entry:
    episode = Episode(
        number,
        str(row["env_id"]),
        int(row["seed"]),
        str(row["task"]),
        int(row["group"]),
        dict(row["env_kwargs"]),
    )
    return Entry(episode, str(row["split"]), str(row["start"]), int(row["setting"]))
