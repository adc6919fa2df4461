"""Two entries of one suite: their paired difference, and the episodes in which they part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agentgym.errors import ArgumentError
from agentgym.evaluation.compare import Comparison, compare
from agentgym.evaluation.outcomes import Outcome
from agentgym.leaderboard.pages.views.parts import parts_of
from agentgym.leaderboard.pages.views.references import References, references
from agentgym.leaderboard.pages.views.suites import suite_of
from agentgym.leaderboard.summary import SuiteSummary, Summary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["ComparisonView", "Flips", "Pair", "comparison_view"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One episode of the suite as each of the two played it.

    Attributes:
        number: Its number in the suite.
        part: Environment and kind of task.
        task_id: The task.
        first: What came of it for the first.
        second: And for the second.
    """

    number: int
    part: str
    task_id: str
    first: Outcome
    second: Outcome


@dataclass(frozen=True, slots=True)
class Flips:
    """Episodes of a part counted by who succeeded.

    Attributes:
        part: Environment and kind of task; "" for the whole suite.
        both: Both did.
        first_only: The first alone.
        second_only: The second alone.
        neither: Neither did.
    """

    part: str
    both: int
    first_only: int
    second_only: int
    neither: int


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """Two entries side by side.

    Attributes:
        suite: The suite that both answer.
        references: Its floor and ceiling.
        first: The first.
        second: The second.
        difference: First minus second, paired over the suite's episodes.
        flips: Episodes counted by who succeeded: the whole suite, then part by part.
        pairs: Episodes in which one succeeded and the other did not, a page of them.
        offset: Number of such episodes before this page.
        limit: Greatest number on a page.
        found: Number of such episodes.
    """

    suite: SuiteSummary
    references: References
    first: Summary
    second: Summary
    difference: Comparison
    flips: tuple[Flips, ...]
    pairs: tuple[Pair, ...]
    offset: int
    limit: int
    found: int


def comparison_view(
    store: Store, first: int, second: int, *, offset: int = 0, limit: int = 100
) -> ComparisonView:
    """Compare two entries.

    Raises:
        ArgumentError: There is no entry of that number, they are one, or they answer different suites.
    """
    one, two = store.summary(first), store.summary(second)
    if first == second or one.suite_hash != two.suite_hash:
        raise ArgumentError(
            f"Entries {first} and {second} cannot be compared. Choose two entries of one suite and version."
        )
    suite = suite_of(store, one.suite_hash)
    outcomes = store.outcomes([first, second])
    pairs = _pairs(store, suite, outcomes[first], outcomes[second])
    parted = [pair for pair in pairs if pair.first.success != pair.second.success]
    return ComparisonView(
        suite=suite,
        references=references(store, suite),
        first=one,
        second=two,
        difference=compare(outcomes[first], outcomes[second], np.random.default_rng(0)),
        flips=_count(pairs),
        pairs=tuple(parted[offset : offset + limit]),
        offset=offset,
        limit=limit,
        found=len(parted),
    )


def _pairs(
    store: Store, suite: SuiteSummary, first: Sequence[Outcome], second: Sequence[Outcome]
) -> list[Pair]:
    expanded = store.suite(suite.hash)
    played = zip(expanded.episodes, parts_of(expanded), first, second, strict=True)
    return [Pair(e.number, part, str(e.task), one, two) for e, part, one, two in played]


def _count(pairs: Sequence[Pair]) -> tuple[Flips, ...]:
    counts: dict[str, Counter[tuple[bool, bool]]] = {"": Counter()}
    for pair in pairs:
        who = (pair.first.success, pair.second.success)
        counts[""][who] += 1
        counts.setdefault(pair.part, Counter())[who] += 1
    return tuple(
        Flips(part, found[True, True], found[True, False], found[False, True], found[False, False])
        for part, found in counts.items()
    )
