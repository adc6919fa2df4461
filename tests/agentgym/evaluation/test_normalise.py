"""Scores between floor and ceiling: worked numbers, and where there is nothing to stand between."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agentgym.evaluation import ExpandedSuite, Outcome
from agentgym.evaluation.expansion import Entry, Rules
from agentgym.evaluation.normalise import normalise
from agentgym.rollout.plan import Episode


def _suite(rules: Sequence[Rules], each: int = 4) -> ExpandedSuite:
    entries = [
        Entry(Episode(number, f"x/Env{number // each}-v0", 0, f"t{number}"), "test", "", number // each)
        for number in range(each * len(rules))
    ]
    return ExpandedSuite("x", 1, tuple(entries), tuple(rules))


def _between(floor: float, ceiling: float) -> Rules:
    return Rules(None, {"score": floor, "success": 0.0}, {"score": ceiling, "success": 1.0})


def _outcomes(scores: Sequence[float]) -> list[Outcome]:
    return [Outcome(f"s{i}", f"t{i}", score == 1, score) for i, score in enumerate(scores)]


def test_normalise__stands_between_floor_and_ceiling() -> None:
    suite = _suite([_between(0.2, 0.6), _between(0.0, 1.0)])
    found = normalise(suite, _outcomes([0.4] * 4 + [0, 0, 1, 1]))
    assert [s.normalised.value for s in found.settings if s.normalised] == pytest.approx([0.5, 0.5])
    assert found.score is not None and found.score.value == pytest.approx(0.5)
    assert found.score.low is not None and found.score.high is not None
    assert found.score.low <= 0.5 <= found.score.high and found.score.low < found.score.high
    assert [s.score for s in found.settings] == pytest.approx([0.4, 0.5])


def test_normalise__counts_every_setting_once() -> None:
    other = Entry(Episode(9, "x/Other-v0", 0, "t9"), "test", "", 1)
    entries = (*_suite([_between(0, 1)], each=9).entries, other)
    suite = ExpandedSuite("x", 1, entries, (_between(0, 1), _between(0, 1)))
    found = normalise(suite, _outcomes([0.0] * 9 + [1.0]))
    assert found.score is not None and found.score.value == 0.5


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_normalise__lets_scores_pass_floor_and_ceiling(score: float) -> None:
    found = normalise(_suite([_between(0.25, 0.75)]), _outcomes([score] * 4))
    assert found.score is not None and found.score.value == (-0.5 if score == 0 else 1.5)


@pytest.mark.parametrize("rules", [Rules(), _between(0.41, 0.45), _between(0.5, 0.5)])
def test_normalise__says_nothing_where_chance_would_be_blown_up(rules: Rules) -> None:
    found = normalise(_suite([rules]), _outcomes([0.5] * 4))
    assert found.score is None and found.settings[0].normalised is None
    both = normalise(_suite([rules, _between(0, 1)]), _outcomes([0.5] * 8))
    assert both.score is not None and both.score.value == 0.5
