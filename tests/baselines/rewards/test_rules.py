"""The reward rules by hand, on arrays and on batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym.errors import ArgumentError, ShapeError, UnknownNameError
from baselines import rewards
from baselines.rewards import make_shaper, rule, rules, shape
from tests.baselines.estimators.batches import DRAWN, batches, make

NEEDS = sorted({column for name in rules() for column in rule(name).needs} & set(DRAWN))
OPTIONS: dict[str, dict[str, Any]] = {"dapo_overlong": {"limit": 8, "buffer": 4}}
WORDS = st.lists(st.sampled_from(["The", "a", "cat", "sat", "SAT!", "mat."]), max_size=5).map(" ".join)


@pytest.mark.parametrize("name", rules())
@settings(max_examples=15, deadline=None)
@given(batch=batches(needs=NEEDS))
def test_every_rule__changes_what_it_says_and_nothing_else(name: str, batch: Any) -> None:
    steps = range(len(batch))
    batch = batch.with_columns(
        predicted_calls=[[("f", {"x": k % 2})] * (k % 3) for k in steps],
        reference_calls=[[("f", {"x": 0})] for _ in steps],
    )
    shaped = shape(name, batch, **OPTIONS.get(name, {}))
    for column in ("reward", "outcome", "process_reward"):
        array = getattr(shaped, column)
        assert np.isfinite(array).all()
        if column not in rule(name).writes:
            np.testing.assert_array_equal(array, getattr(batch, column))


def test_rules__wrong_names_and_missing_keywords_are_told() -> None:
    with pytest.raises(UnknownNameError, match="tool_star"):
        rule("toolstar")
    with pytest.raises(UnknownNameError, match="weight"):
        make_shaper("search_r2", weights=1.0)
    with pytest.raises(ArgumentError, match="no default for 'limit', 'buffer'"):
        make_shaper("dapo_overlong")


@settings(max_examples=60, deadline=None)
@given(one=WORDS, other=WORDS, distinct=st.booleans())
def test_token_f1__is_symmetric_and_one_for_equal_answers(one: str, other: str, distinct: bool) -> None:
    score = rewards.token_f1(one, [other], distinct=distinct)
    assert 0.0 <= score <= 1.0
    assert score == rewards.token_f1(other, [one], distinct=distinct)
    assert rewards.token_f1(one, [other, one], distinct=distinct) == 1.0
    assert rewards.exact_match(one, [other]) <= score


def test_answers__by_hand() -> None:
    assert rewards.normalised("  The cat, a-SAT!") == "cat asat"
    assert rewards.exact_match("the Cat.", ["dog", "cat"]) == 1.0
    np.testing.assert_allclose(rewards.token_f1("cat cat sat", ["cat mat"]), 2 / 5)
    np.testing.assert_allclose(rewards.token_f1("cat cat sat", ["cat mat"], distinct=True), 1 / 2)
    assert rewards.token_f1("", ["the"]) == 1.0
    assert rewards.token_f1("cat", []) == 0.0


def test_eapo__shares_the_outcome_by_round() -> None:
    batch = make([0, 1, 0], [0.0, 2.0, 1.0])
    np.testing.assert_allclose(shape("eapo", batch, gamma=0.5).outcome, [0.5, 2.0, 1.0])


def test_vsrm_and_spae__reward_changes() -> None:
    batch = make([0, 0, 1], [0.0] * 3, accuracy=[0.25, 1.0, 0.5], confidence=[0.5, 1.0, 0.0])
    vsrm = shape("vsrm", batch).column("process_reward", "this test")
    np.testing.assert_allclose(vsrm, [0.0, 0.75, 0.0])
    potential = rewards.spae_potential([0.25, 1.0, 0.5], [0.5, 1.0, 0.0], [0, 0, 1])
    np.testing.assert_allclose(potential.step, [-0.1875, 1.0, 0.25])
    assert potential.saturated.tolist() == [False, True, False]
    spae = shape("spae", batch).column("process_reward", "this test")
    np.testing.assert_allclose(spae, [0.0, 1.1875, 0.0])


@settings(max_examples=40, deadline=None)
@given(batch=batches(needs=("process_reward",)))
def test_pure_min_form__sums_to_the_worst_step_as_it_cools(batch: Any) -> None:
    shaped = rewards.pure_min_form(batch.process_reward, batch.episode, temperature=1e-4)
    even = rewards.pure_min_form(batch.process_reward, batch.episode, temperature=None)
    for episode in np.unique(batch.episode):
        rows = batch.episode == episode
        np.testing.assert_allclose(shaped[rows].sum(), batch.process_reward[rows].min(), atol=1e-9)
        np.testing.assert_allclose(even[rows].sum(), batch.process_reward[rows].mean(), atol=1e-9)
    with pytest.raises(ArgumentError, match="temperature"):
        rewards.pure_min_form([0.0], [0], temperature=0.0)


def test_dapo_overlong__falls_over_the_buffer() -> None:
    got = rewards.dapo_overlong([0, 8, 9, 10, 12, 40], limit=12, buffer=4)
    np.testing.assert_allclose(got, [0, 0, -0.25, -0.5, -1, -1])
    batch = make([0, 0, 1], [0.0, 1.0, 1.0], tokens=3)
    np.testing.assert_allclose(shape("dapo_overlong", batch, limit=8, buffer=4).outcome, [0.5, 0.5, 1.0])
    with pytest.raises(ArgumentError, match="buffer"):
        rewards.dapo_overlong([1], limit=2, buffer=3)


def test_information_gain__is_the_change_of_belief_and_ends_with_the_outcome() -> None:
    columns: dict[str, Any] = {
        "logprob_truth": np.log([0.5, 0.9, 0.4, 0.9]),
        "truth_start": np.log([0.25, 0.9, 0.5, 0.5]),
    }
    batch = make([0, 1, 0, 0], [0.0, 1.0, 0.0, 2.0], **columns)
    np.testing.assert_allclose(shape("information_gain", batch).reward, [0.25, 1.0, -0.1, 2.0])
    logs = shape("information_gain", batch, ig_mode="logprob").reward
    np.testing.assert_allclose(logs, [np.log(2), 1.0, np.log(0.8), 2.0])
    unknown = rewards.information_gain([2.0] * 4, [np.nan, -1, -1, -1], [-1.0] * 4, [0, 1, 0, 0])
    np.testing.assert_allclose(unknown, [0.0, 2.0, 0.0, 2.0])
    with pytest.raises(ArgumentError, match="'prob', 'logprob'"):
        shape("information_gain", batch, ig_mode="log")


def test_search_r2__needs_a_right_answer() -> None:
    batch = make([0, 0, 1], [0.0, 1.0, 0.0], process_reward=[1.0, 0.0, 1.0])
    np.testing.assert_allclose(shape("search_r2", batch, weight=0.4).outcome, [1.2, 1.2, 0.0])


def test_reseek__rewards_judging_steps() -> None:
    np.testing.assert_allclose(rewards.reseek([1.0, 1.0], [0.5, 0.5], [True, False]), [1.25, 0.0])
    batch = make([0, 0], [0.0, 1.0], rewards=[[1.0, 0.5], [0.0, 0.0]])
    shaped = shape("reseek", batch)
    np.testing.assert_allclose(shaped.reward, [1.25, 1.0])
    np.testing.assert_allclose(shaped.outcome, 1.0)


def test_tool_star__grades_format_then_answer_then_tools() -> None:
    calls = [[("search", {})], [{"name": "python", "arguments": {}}], [], [("search", {})], []]
    batch = make(
        [0, 0, 1, 2, 3],
        [0.0, 0.5, 0.5, 0.5, 0.0],
        predicted_calls=calls,
        terminated=[False, True, True, False, True],
        valid=[True, True, True, True, True],
    )
    np.testing.assert_allclose(shape("tool_star", batch).outcome, [0.6, 0.6, 0.5, -1.0, 0.0])
    broken = batch.with_columns(valid=[False, True, True, True, True])
    np.testing.assert_allclose(shape("tool_star", broken).outcome[:2], -1.0)


def test_capo__punishes_what_most_critiques_call_wrong() -> None:
    wrong = [[True, True, False], [True, False, False], [False, True, False]]
    np.testing.assert_allclose(rewards.capo([1.0, 1.0, 1.0], wrong), [0.5, 0.5, 1.0])
    batch = make([0, 0], [0.0, 1.0], rewards=[[-1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]])
    np.testing.assert_allclose(shape("capo", batch, penalty=0.25).outcome, [0.75, 1.0])
    with pytest.raises(ShapeError, match="critiques"):
        rewards.capo([1.0], [True])
