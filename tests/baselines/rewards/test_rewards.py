"""Shaped rewards: golden cases, worked numbers, and the estimators that use them."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from agentgym import StepBatch
from agentgym.errors import ArgumentError, MissingColumnError, UnknownNameError
from baselines import rewards
from baselines.estimators import advantages, method
from tests.baselines.estimators.batches import make
from tests.baselines.estimators.critic_batches import critic_batches
from tests.baselines.golden import Case, cases, counts

GOLDEN = cases(lambda name: name.startswith("shaping:") and hasattr(rewards, name[8:]))
quick = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("case", GOLDEN)
def test_shaping__gives_the_golden_numbers(case: Case) -> None:
    function: Any = getattr(rewards, case["method"].removeprefix("shaping:"))
    read = inspect.signature(function).parameters
    columns = {name: case["columns"][name] for name in read if name in case["columns"]}
    got = function(**columns, **case["kwargs"])
    for name, expected in case["expected"].items():
        np.testing.assert_allclose(getattr(got, name, got), expected, rtol=0, atol=case["atol"])


@pytest.mark.parametrize("name", ["spa", "eapo", "spae_potential", "pure_min_form"])
def test_golden__has_cases_for(name: str) -> None:
    assert counts()[f"shaping:{name}"] > 0


def test_spa__paper_adds_the_execution_signal() -> None:
    got = rewards.spa([0.25, -0.5, 1.0], [True, False, True], alpha=2.0, beta=0.1)
    np.testing.assert_allclose(got, [0.6, -1.0, 2.1])
    np.testing.assert_allclose(rewards.spa([0.25, 0.5], [True, False]), [0.75, 0.5])


def test_spa__released_weighs_by_the_steps_to_come() -> None:
    # Episode 0 has rows 0, 2 and 3 (weights 2, 1, 0), episode 1 rows 1 and 4 (weights 1, 0); row 2 is empty.
    got = rewards.spa(
        [1.0, 2.0, 3.0, 4.0, 5.0],
        episode=[0, 1, 0, 0, 1],
        token_offsets=[0, 2, 3, 3, 4, 6],
        rule="released",
    )
    np.testing.assert_allclose(got, [0.0, 2.0, 2.0, 0.0, 0.0, 0.0])
    pulled = rewards.spa(
        [1.0],
        episode=[0],
        token_offsets=[0, 2],
        logprob=[-1.0, -2.0],
        ref_logprob=[-1.5, -1.0],
        rule="released",
        kl_coef=0.1,
    )
    np.testing.assert_allclose(pulled, [-0.05, 0.1])


def test_spa__says_what_is_missing() -> None:
    with pytest.raises(ArgumentError, match="'paper'"):
        rewards.spa([1.0], [True], rule="code")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="`valid` is absent"):
        rewards.spa([1.0])
    with pytest.raises(ArgumentError, match="`token_offsets` is absent"):
        rewards.spa([1.0], rule="released")
    with pytest.raises(ArgumentError, match="`ref_logprob` is absent"):
        rewards.spa([1.0], episode=[0], token_offsets=[0, 1], logprob=[0.0], rule="released", kl_coef=1.0)


def test_g_ra__opens_the_gate_at_the_threshold() -> None:
    got = rewards.g_ra([1.0, 0.9, 1.0, 0.9], [0.1, 5.0, 0.2, 7.0], [0, 1, 0, 1])
    np.testing.assert_allclose(got, [1.3, 0.9, 1.3, 0.9])
    np.testing.assert_allclose(rewards.g_ra([0.5], [2.0], [0], threshold=0.5), [2.5])


def test_g_ra_estimator__is_grpo_on_the_gated_returns() -> None:
    # Episodes 0 and 1 succeed with step rewards 0.5 and 0.1, episode 2 fails with 3.0: returns 1.5, 1.1, 0.
    batch = make(
        [0, 1, 2, 0], [0.0, 1.0, 0.0, 1.0], outcome=[1.0, 1.0, 0.0, 1.0], process_reward=[0.2, 0.1, 3.0, 0.3]
    )
    mean = 2.6 / 3
    got = advantages("g_ra", batch, norm="mean").step
    np.testing.assert_allclose(got, [1.5 - mean, 1.1 - mean, -mean, 1.5 - mean], atol=1e-12)
    closed = advantages("g_ra", batch, threshold=2.0).step
    np.testing.assert_array_equal(closed, advantages("grpo", batch).step)
    assert not method("g_ra").reference
    with pytest.raises(UnknownNameError, match="'norm'"):
        advantages("g_ra", batch, nrom="mean")


@quick
@given(batch=critic_batches())
def test_spa_rl__is_gae_on_the_shaped_rewards(batch: StepBatch) -> None:
    batch = batch.with_columns(reward_token=np.ones(batch.tokens))  # left out: the shaped rewards replace it
    shaped = 2.0 * np.asarray(batch.process_reward) + 0.25 * batch.valid
    expected = advantages("gae_turn", batch.with_columns(reward=shaped), lam=0.9, whiten="none")
    got = advantages("spa_rl", batch, alpha=2.0, beta=0.25, lam=0.9, whiten="none")
    np.testing.assert_allclose(got.step, expected.step, atol=1e-12)
    np.testing.assert_allclose(got.returns, expected.returns, atol=1e-12)
    dense = batch.with_columns(reward=shaped, reward_token=None)
    expected = advantages("gae_token", dense, gamma=0.9)
    got = advantages("spa_rl", batch, alpha=2.0, beta=0.25, base="gae_token", gamma=0.9)
    np.testing.assert_allclose(got.token, expected.token, atol=1e-12)


def test_spa_rl__names_what_is_wrong() -> None:
    batch = make([0, 0], [0.0, 1.0], process_reward=[0.5, 0.5])
    with pytest.raises(MissingColumnError, match="gae_turn needs the column 'value'"):
        advantages("spa_rl", batch)
    with pytest.raises(MissingColumnError, match="gae_token needs the column 'value_token'"):
        advantages("spa_rl", batch, base="gae_token")
    with pytest.raises(ArgumentError, match="'gae_turn', 'gae_token'"):
        advantages("spa_rl", batch, base="grpo")
    with pytest.raises(UnknownNameError, match="keyword of 'gae_turn'"):
        advantages("spa_rl", batch.with_columns(value=[0.0, 0.0]), gama=0.9)
