"""Budgets of episodes: exact allocation, checked by trying everything."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym.errors import ArgumentError
from baselines.estimators.budgets import knapsack_allocation, knapsack_value

_RATES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(_RATES, st.integers(0, 8))
def test_knapsack_allocation__no_other_allocation_is_worth_more(rates: list[float], spare: int) -> None:
    budget = 2 * len(rates) + spare
    found = knapsack_allocation(rates, budget)
    assert found.sum() == budget
    assert found.min() >= 2
    table = knapsack_value(range(budget + 1), rates)
    best = max(
        sum(table[n, task] for task, n in enumerate(counts))
        for counts in itertools.product(range(2, budget + 1), repeat=len(rates))
        if sum(counts) == budget
    )
    assert sum(table[n, task] for task, n in enumerate(found)) == pytest.approx(best, abs=1e-12)


def test_knapsack_allocation__certain_tasks_get_no_more_than_the_least() -> None:
    np.testing.assert_array_equal(knapsack_allocation([0.0, 0.3, 1.0], 16), [2, 12, 2])


def test_knapsack_allocation__refuses_too_small_a_budget() -> None:
    with pytest.raises(ArgumentError, match="at least 6"):
        knapsack_allocation([0.1, 0.2, 0.3], 5)
