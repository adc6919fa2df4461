"""One entry: its numbers, how to run it again, what its submitter says, and its episodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from agentgym.errors import ArgumentError, suggest
from agentgym.evaluation.intervals import Estimate
from agentgym.evaluation.metrics import Metrics
from agentgym.evaluation.normalise import Normalised
from agentgym.evaluation.summary import EpisodeSummary
from agentgym.leaderboard.pages.views.breakdown import success_by_part
from agentgym.leaderboard.pages.views.charts import CurveGroup, Trained, draw_curves
from agentgym.leaderboard.pages.views.parts import part_of
from agentgym.leaderboard.pages.views.references import References, references
from agentgym.leaderboard.pages.views.suites import suite_of
from agentgym.leaderboard.submission import Submission
from agentgym.leaderboard.summary import SuiteSummary, Summary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["EntryView", "EpisodeFilter", "EpisodeRow", "Result", "entry_view"]

Result = Literal["all", "success", "failure", "error"]


@dataclass(frozen=True, slots=True)
class EpisodeFilter:
    """Which episodes of an entry.

    Attributes:
        text: Part of the task's name or of its part of the suite, whatever the case; "" for all.
        result: How they ended; an episode that broke off is a failure too.
        offset: Number of episodes to skip.
        limit: Greatest number of episodes shown.

    Raises:
        ArgumentError: There is no such result, or a number is out of range.
    """

    text: str = ""
    result: Result = "all"
    offset: int = 0
    limit: int = 100

    def __post_init__(self) -> None:
        if self.result not in get_args(Result):
            raise suggest("result", self.result, get_args(Result))
        if self.offset < 0 or self.limit < 1:
            raise ArgumentError(f"offset {self.offset} and limit {self.limit} make no page of episodes.")

    def holds(self, row: EpisodeRow) -> bool:
        """Whether an episode is asked for."""
        episode = row.episode
        ended = {
            "all": True,
            "success": episode.outcome.success,
            "failure": not episode.outcome.success,
            "error": episode.error is not None,
        }
        return ended[self.result] and self.text.lower() in f"{row.part} {episode.task_id}".lower()


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """An episode and the part of the suite that it belongs to.

    Attributes:
        episode: The episode.
        part: Environment and kind of task.
    """

    episode: EpisodeSummary
    part: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry.

    Attributes:
        entry: Its summary.
        suite: The suite that it answers.
        references: Floor and ceiling of that suite.
        metrics: Its numbers.
        normalised: Its score between floor and ceiling, setting by setting.
        parts: Its success by environment and kind of task.
        description: What its submitter says it is.
        card: Its model card; None where it has none.
        curve: Its training curve, drawn; None where it has none.
        options: Options of the agent, by name.
        agent_seed: Seed of the agent's chance.
        record: What somebody else needs to run it again, one fact a pair: dotted name and value.
        filter: Which episodes were asked for.
        episodes: The episodes of this page.
        found: Number of episodes that the filter holds.
    """

    entry: Summary
    suite: SuiteSummary
    references: References
    metrics: Metrics
    normalised: Normalised
    parts: Mapping[str, Estimate]
    description: str
    card: str | None
    curve: CurveGroup | None
    options: Mapping[str, Any]
    agent_seed: int
    record: tuple[tuple[str, str], ...]
    filter: EpisodeFilter
    episodes: tuple[EpisodeRow, ...]
    found: int


def entry_view(store: Store, id: int, filter: EpisodeFilter) -> EntryView:
    """Look at an entry.

    Raises:
        ArgumentError: The store has none of this number.
    """
    entry, stored = store.summary(id), store.get(id)
    suite = suite_of(store, entry.suite_hash)
    rows = [EpisodeRow(e, part_of(e.env_id, e.task_id)) for e in stored.episodes]
    found = [row for row in rows if filter.holds(row)]
    header = stored.header
    return EntryView(
        entry=entry,
        suite=suite,
        references=references(store, suite),
        metrics=stored.metrics,
        normalised=stored.normalised,
        parts=success_by_part([row.part for row in rows], stored.outcomes),
        description=header.description,
        card=header.card,
        curve=_drawn(entry, stored),
        options=header.agent.options,
        agent_seed=header.agent.seed,
        record=tuple(_facts(header.record)),
        filter=filter,
        episodes=tuple(found[filter.offset : filter.offset + filter.limit]),
        found=len(found),
    )


def _drawn(entry: Summary, stored: Submission) -> CurveGroup | None:
    curve = stored.header.curve
    return None if curve is None else draw_curves([Trained(entry.id, entry.name, curve)])[0]


def _facts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and (value or not name):
        for key, part in value.items():
            yield from _facts(part, f"{name}.{key}" if name else str(key))
    else:
        yield name, _said(value)


def _said(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in (None, {}, "") else str(value)
