"""Metrics: denominators, errored episodes, independent units."""

from __future__ import annotations

import json

import numpy as np
import pytest

from agentgym import Trajectory
from agentgym.errors import ArgumentError
from agentgym.evaluation import Metrics, measure, outcomes, wilson
from agentgym.evaluation.outcomes import MIN_TASKS, units
from tests.agentgym.evaluation.episodes import episode


def _measure(run: list[Trajectory]) -> Metrics:
    return measure(run, np.random.default_rng(0))


def test_measure__counts_what_happened() -> None:
    run = [episode(f"t{i}", success=i < 6, turns=4, invalid=1, number=i) for i in range(20)]
    metrics = _measure(run)
    assert metrics.success == wilson(6, 20)
    assert metrics.score.value == 0.3
    assert metrics.turns.value == 4
    assert metrics.episode_return.value == 2.0
    assert metrics.invalid_rate.value == 0.25
    assert (metrics.model_s.value, metrics.env_s.value) == (0.25, 0.125)
    assert (metrics.episodes, metrics.tasks, metrics.errored) == (20, 20, ())


def test_measure__keeps_errored_episodes_in_every_denominator() -> None:
    good = [episode(f"t{i}", success=True, number=i) for i in range(15)]
    bad = [episode(f"t{i}", success=True, number=i, error="agent: ValueError: no") for i in range(15, 20)]
    metrics = _measure(good + bad)
    assert metrics.episodes == 20
    assert metrics.success.value == metrics.score.value == 0.75
    assert [e.episode for e in metrics.errored] == [15, 16, 17, 18, 19]
    assert metrics.errored[0].error == "agent: ValueError: no"


def test_measure__does_not_take_repeats_for_independent() -> None:
    once = [episode(f"t{i}", success=i % 2 == 0, number=i) for i in range(20)]
    thrice = [episode(f"t{i}", success=i % 2 == 0, seed=s, number=i) for i in range(20) for s in range(3)]
    assert _measure(thrice).success == _measure(once).success
    assert _measure(thrice).episodes == 60


def test_measure__bounds_a_score_that_never_varies() -> None:
    metrics = _measure([episode(f"t{i}", success=True, number=i) for i in range(10)])
    assert metrics.score == metrics.success
    assert metrics.score.low is not None and metrics.score.low < 0.8


def test_measure__leaves_open_what_one_episode_cannot_bound() -> None:
    metrics = _measure([episode("t", success=True)])
    assert (metrics.turns.low, metrics.turns.high) == (None, None)
    assert metrics.success == wilson(1, 1)


def test_measure__survives_episodes_without_turns() -> None:
    metrics = _measure([episode(f"t{i}", turns=0, error="reset: OSError: gone") for i in range(3)])
    assert metrics.invalid_rate.value == 0
    assert metrics.success.value == 0


def test_measure__needs_an_episode() -> None:
    with pytest.raises(ArgumentError, match="at least one"):
        _measure([])


def test_metrics__are_json() -> None:
    record = _measure([episode(f"t{i}", number=i) for i in range(3)]).to_record()
    assert json.loads(json.dumps(record, allow_nan=False))["success"]["value"] == 0


def test_units__are_tasks_from_ten_tasks_on_and_starts_below() -> None:
    few = [episode(f"t{i}", seed=s) for i in range(MIN_TASKS - 1) for s in range(2)]
    many = [episode(f"t{i}", seed=s) for i in range(MIN_TASKS) for s in range(2)]
    assert len(set(units(outcomes(few)))) == 2 * (MIN_TASKS - 1)
    assert len(set(units(outcomes(many)))) == MIN_TASKS


def test_outcomes__tell_apart_all_that_makes_a_start() -> None:
    runs = [episode("a"), episode("b"), episode("a", seed=1), episode("a", kwargs={"max_steps": 9})]
    assert len({o.start for o in outcomes(runs)}) == 4
    assert len({o.task for o in outcomes(runs)}) == 3
