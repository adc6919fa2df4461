"""Matching of tool calls and the price of calls: brute force, worked numbers, and the rules on a batch."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym.errors import ArgumentError, MissingColumnError, UnknownNameError
from baselines.rewards import (
    call_similarity,
    make_shaper,
    match_assignment,
    match_reward,
    otc,
    shape,
    transport_plan,
)
from tests.baselines.estimators.batches import make
from tests.baselines.golden import counts

quick = settings(max_examples=80, deadline=None)
GRADES = st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.5, 0.85, 0.9, 1.0])
TABLES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.lists(GRADES, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
    )
)


def _total(table: Any, reference: Any) -> float:
    return float(sum(table[i][j] for i, j in enumerate(reference) if j >= 0))


def _best(table: Any) -> float:
    """The greatest total over all ways to pair, by trying every one."""
    predictions, references = len(table), len(table[0])
    columns = [*range(references), *[-1] * predictions]
    return max(_total(table, chosen) for chosen in itertools.permutations(columns, predictions))


@pytest.mark.parametrize(
    "method", ["shaping:match_reward", "shaping:match_assignment", "shaping:otc", "matchtir"]
)
def test_golden__has_cases_for(method: str) -> None:
    assert counts()[method] > 0


@quick
@given(table=TABLES)
def test_match_assignment__optimal_finds_the_greatest_total(table: list[list[float]]) -> None:
    reference = match_assignment(table)
    taken = reference[reference >= 0]
    assert len(set(taken.tolist())) == len(taken)
    assert all(table[i][j] > 0 for i, j in enumerate(reference) if j >= 0)
    np.testing.assert_allclose(_total(table, reference), _best(table), atol=1e-9)


@quick
@given(table=TABLES)
def test_match_assignment__greedy_takes_the_best_pair_first(table: list[list[float]]) -> None:
    reference = match_assignment(table, matching="greedy")
    pairs = sorted(((-s, i, j) for i, row in enumerate(table) for j, s in enumerate(row)))
    expected, used = [-1] * len(table), set()
    for minus, i, j in pairs:
        if minus < 0 and expected[i] < 0 and j not in used:
            expected[i] = j
            used.add(j)
    assert reference.tolist() == expected


def test_match_assignment__worked_numbers_and_ties() -> None:
    table = [[0.9, 0.8], [0.85, 0.1]]
    np.testing.assert_allclose(_total(table, match_assignment(table)), 1.65)
    np.testing.assert_allclose(_total(table, match_assignment(table, matching="greedy")), 1.0)
    assert match_assignment(np.ones((3, 3))).tolist() == [0, 1, 2]
    assert match_assignment(np.ones((3, 2))).tolist() == [0, 1, -1]
    assert match_assignment(np.ones((2, 3))).tolist() == [0, 1]
    assert match_assignment(np.zeros((2, 0))).tolist() == [-1, -1]
    assert match_assignment([]).tolist() == []
    with pytest.raises(ArgumentError, match="'optimal' or 'greedy'"):
        match_assignment(table, matching="transport")
    with pytest.raises(ArgumentError, match="negative"):
        match_assignment([[-1.0]])


@quick
@given(table=TABLES)
def test_transport_plan__has_the_marginals_and_the_form_of_the_optimum(table: list[list[float]]) -> None:
    similarity = np.array(table)
    plan = transport_plan(similarity)
    np.testing.assert_allclose(plan.sum(0), 1 / similarity.shape[1], atol=1e-9)
    np.testing.assert_allclose(plan.sum(1), 1 / len(similarity), atol=1e-4)  # hard tables converge slowly
    rest = np.log(plan) - similarity / 0.1  # a row term plus a column term where the plan is optimal
    np.testing.assert_allclose(rest - rest[:1] - rest[:, :1] + rest[0, 0], 0.0, atol=1e-7)


def test_call_similarity__by_hand() -> None:
    reference: list[Any] = [("Search", {"q": "a", "k": 3}), ("now", {})]
    made: list[Any] = [
        ("search", {"q": "a", "k": 3}),
        {"name": "search", "arguments": json.dumps({"q": "a", "extra": 1})},
        {"name": "now", "parameters": {}},
        ("search", "no JSON"),
        ["other", {}],
    ]
    expected = [[1.0, 0.0], [(1 + 1 / 3 + 1) / 4, 0.0], [0.0, 1.0], [1 / 4, 0.0], [0.0, 0.0]]
    np.testing.assert_allclose(call_similarity(made, reference), expected)
    with pytest.raises(ArgumentError, match="named 3"):
        call_similarity([(3, {})], reference)


def test_match_reward__transport_shares_what_is_alike() -> None:
    call: Any = ("f", {})
    np.testing.assert_allclose(match_reward([call, call], [call], matching="transport"), 0.5)
    np.testing.assert_allclose(match_reward([call, call], [call]), [1.0, 0.0])
    assert match_reward([], [call]).shape == (0,)
    with pytest.raises(ArgumentError, match="'optimal', 'greedy', 'transport'"):
        match_reward([call], [call], matching="best")  # type: ignore[arg-type]


def test_match__gives_each_turn_the_mean_of_its_calls_over_the_whole_episode() -> None:
    f: Any = ("f", {"x": 1})
    g: Any = ("g", {})
    batch = make(
        [0, 1, 0, 1, 0],
        [0.0, 0.0, 0.0, 0.5, 1.0],
        predicted_calls=[[g, f], [f], [f], [], []],  # the second f of episode 0 finds no call left
        reference_calls=[[f, g], [g], [f, g], [g], [f, g]],
    )
    shaped = shape("match", batch, penalty=-0.5)
    np.testing.assert_allclose(shaped.reward, [1.0, -0.5, -0.5, 0.5, 1.0])
    np.testing.assert_array_equal(shaped.outcome, batch.outcome)
    with pytest.raises(MissingColumnError, match="'match' needs the column 'reference_calls'"):
        shape("match", batch.with_columns(reference_calls=None))
    with pytest.raises(UnknownNameError, match="penalty"):
        shape("match", batch, penalties=1.0)


@quick
@given(m=st.integers(0, 40), n=st.integers(0, 40), c=st.integers(1, 5))
def test_otc__is_one_at_the_optimum_and_falls_on_both_sides(m: int, n: int, c: int) -> None:
    np.testing.assert_allclose(otc([n], [n], c=c), 1.0)
    here, further = otc([m, m + 1 if m >= n else max(m - 1, 0)], [n, n], c=c)
    assert 0.0 <= here <= 1.0
    assert m == 0 < n or further < here


def test_otc_rule__keeps_the_fewest_calls_of_each_task_over_batches() -> None:
    shaper = make_shaper("otc")
    columns: dict[str, Any] = {"group": [0, 0, 0], "task": ["a", "a", "a"], "tool_calls": [4, 2, 1]}
    first = shaper(make([0, 1, 2], [1.0, 1.0, 0.0], **columns))
    np.testing.assert_allclose(first.outcome, [np.sin(4 * np.pi / 6), 1.0, 0.0])
    resumed = make_shaper("otc")
    resumed.load_state_dict(shaper.state_dict())
    later = make([0], [1.0], task=["a"], tool_calls=[4])
    np.testing.assert_allclose(resumed(later).outcome, np.sin(4 * np.pi / 6))
    np.testing.assert_allclose(shape("otc", later).outcome, 1.0)  # afresh, four are the fewest seen
    steps = make([0, 0], [0.0, 1.0], tool_calls=[1, 1])  # calls of all steps count; the group is the task
    np.testing.assert_allclose(shape("otc", steps, alpha=0.5).outcome, 0.5)
    with pytest.raises(ArgumentError, match="c > 0"):
        otc([1], c=0)
