"""What every registered method owes, whatever its formula."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym import StepBatch
from baselines.estimators import advantages, method, names
from baselines.estimators.primitives import first_rows
from tests.baselines.estimators.batches import batches, take

COMPARING = [name for name in names() if {"state", "outcome"}.issuperset(method(name).needs)]
EVERY = pytest.mark.parametrize("name", names())
quick = settings(max_examples=40, deadline=None)


@EVERY
@quick
@given(batch=batches(), data=st.data())
def test_every_method__ignores_how_episodes_are_interleaved(
    name: str, batch: StepBatch, data: st.DataObject
) -> None:
    shuffled = np.asarray(data.draw(st.permutations(range(len(batch)))))
    order = np.empty_like(shuffled)  # permute which episode comes when, and keep time order within each
    slots = np.argsort(batch.episode[shuffled], kind="stable")
    order[slots] = np.argsort(batch.episode, kind="stable")
    moved = advantages(name, take(batch, order))
    np.testing.assert_allclose(moved.step, advantages(name, batch).step[order], rtol=0, atol=1e-9)


@EVERY
@quick
@given(batch=batches())
def test_every_method__ignores_what_groups_and_states_are_called(name: str, batch: StepBatch) -> None:
    renamed = batch.with_columns(
        group=900 - 7 * batch.group,
        episode=500 - 3 * batch.episode,
        state=[{"hall": "z", "kitchen": "a", "hall ": "m"}[state] for state in batch.state],
    )
    numbered = batch.with_columns(state=-batch.state_codes)
    expected = advantages(name, batch).step
    np.testing.assert_allclose(advantages(name, renamed).step, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(advantages(name, numbered).step, expected, rtol=0, atol=1e-9)


@EVERY
@quick
@given(batch=batches())
def test_every_method__is_finite_and_leaves_the_batch_alone(name: str, batch: StepBatch) -> None:
    before = {field.name: getattr(batch, field.name) for field in dataclasses.fields(batch)}
    copies = {key: np.array(array) for key, array in before.items() if array is not None}
    result = advantages(name, batch)
    assert result.step.shape == (len(batch),)
    assert result.step.dtype == np.float64
    assert np.isfinite(result.step).all()
    if result.token is not None:
        assert result.token.shape == (batch.tokens,)
        assert np.isfinite(result.token).all()
    for key, copy in copies.items():
        assert not before[key].flags.writeable
        np.testing.assert_array_equal(before[key], copy)


@pytest.mark.parametrize("name", COMPARING)
@pytest.mark.parametrize("score", [0.1, 0.3, 0.7, -1e6 / 3])
def test_comparing_methods__give_exactly_zero_without_variance(name: str, score: float) -> None:
    episodes, steps = 10, 3
    rows = episodes * steps
    batch = StepBatch.from_columns(
        episode=np.repeat(np.arange(episodes), steps),
        group=np.zeros(rows, np.int64),
        reward=np.zeros(rows),
        state=np.tile(np.arange(steps), episodes),
        action=np.zeros(rows, np.int64),
        terminated=np.tile(np.arange(steps) == steps - 1, episodes),
        truncated=np.zeros(rows, np.bool_),
        agent=np.zeros(rows, np.int64),
        valid=np.ones(rows, np.bool_),
        token_offsets=np.arange(rows + 1) * 2,
        outcome=np.full(rows, score),
    )
    result = advantages(name, batch)
    assert (result.step == 0.0).all()
    assert result.token is None or (result.token == 0.0).all()


@pytest.mark.parametrize("name", ["grpo", "dr_grpo", "rloo", "loop"])
@quick
@given(batch=batches(least_group=2))
def test_group_outcome_methods__have_mean_zero_over_the_episodes_of_a_group(
    name: str, batch: StepBatch
) -> None:
    step, first = advantages(name, batch).step, first_rows(batch.episode)
    sums = np.bincount(batch.group[first], step[first])
    np.testing.assert_allclose(sums, 0.0, atol=1e-9)


@pytest.mark.parametrize("name", ["grpo", "dr_grpo", "flow_grpo", "rloo"])
@quick
@given(batch=batches(least_group=2), shift=st.sampled_from([-3.0, 0.5, 100.0]))
def test_group_outcome_methods__ignore_a_shift_of_the_outcome(
    name: str, batch: StepBatch, shift: float
) -> None:
    shifted = batch.with_columns(outcome=batch.outcome + shift)
    several = np.bincount(batch.group)[batch.group] > 1
    np.testing.assert_allclose(
        advantages(name, shifted).step[several], advantages(name, batch).step[several], rtol=0, atol=1e-8
    )


@quick
@given(batch=batches())
def test_gigpo__without_step_weight_is_grpo(batch: StepBatch) -> None:
    for norm in ("mean_std", "mean", "none"):
        without = advantages("gigpo", batch, step_weight=0.0, norm=norm).step
        np.testing.assert_array_equal(without, advantages("grpo", batch, norm=norm).step)


@quick
@given(batch=batches())
def test_reinforce_pp__whitens_over_the_tokens_of_the_batch(batch: StepBatch) -> None:
    token = advantages("reinforce_pp", batch).token
    assert abs(token.mean()) < 1e-6
    if np.ptp(batch.outcome) > 0.05:
        assert abs(token.std(ddof=1) - 1.0) < 1e-3
