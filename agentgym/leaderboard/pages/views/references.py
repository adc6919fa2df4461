"""What the numbers of a suite lie between: the random agent's floor and the oracle's ceiling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.leaderboard.summary import SuiteSummary

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["Reference", "References", "references", "references_of"]


@dataclass(frozen=True, slots=True)
class Reference:
    """An agent that other agents are measured against.

    Attributes:
        agent: "random" or "oracle".
        success: Its success; None where it is not known.
        score: Its mean score.
    """

    agent: str
    success: float | None
    score: float


@dataclass(frozen=True, slots=True)
class References:
    """Floor and ceiling.

    Attributes:
        floor: What random actions reach; None where it is not known.
        ceiling: What the expert reaches; None likewise.
    """

    floor: Reference | None
    ceiling: Reference | None


def references(store: Store, suite: SuiteSummary) -> References:
    """Return floor and ceiling as the suite gives them; entries prove no such thing by their names."""
    return references_of(store.suite(suite.hash))


def references_of(suite: ExpandedSuite) -> References:
    """Return floor and ceiling as a suite gives them: the mean over its episodes."""
    counts = Counter(entry.setting for entry in suite.entries)
    weights = [counts[number] for number in range(len(suite.rules))]
    return References(
        _given("random", [rules.floor for rules in suite.rules], weights),
        _given("oracle", [rules.ceiling for rules in suite.rules], weights),
    )


def _given(agent: str, reached: Sequence[Mapping[str, float]], weights: Sequence[int]) -> Reference | None:
    score = _mean(reached, weights, "score")
    return None if score is None else Reference(agent, _mean(reached, weights, "success"), score)


def _mean(reached: Sequence[Mapping[str, float]], weights: Sequence[int], metric: str) -> float | None:
    if not all(metric in numbers for numbers in reached):
        return None
    total = sum(numbers[metric] * weight for numbers, weight in zip(reached, weights, strict=True))
    return total / sum(weights)
