"""GAE of every kind against the recursion written as a loop over one episode."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError, MissingColumnError
from baselines.estimators import advantages
from tests.baselines.estimators.batches import make
from tests.baselines.estimators.critic_batches import (
    critic_batches,
    episodes,
    rewards_on_tokens,
    step_means,
    trained_tokens,
    whitened,
)

thorough = settings(max_examples=100, deadline=None)
DISCOUNTS = st.sampled_from([(1.0, 1.0), (0.95, 0.9), (0.5, 0.0), (0.0, 1.0)])


def token_gae(batch: StepBatch, gamma: float, lam: float, masked: str) -> FloatArray:
    result = np.zeros(batch.tokens)
    value = np.asarray(batch.value_token)
    for rows in episodes(batch):
        reward = rewards_on_tokens(batch, rows)
        if batch.reward_token is not None:
            reward = dict(enumerate(batch.reward_token))
        next_value = next_advantage = 0.0
        for row in reversed(rows):
            for k in reversed(range(batch.token_offsets[row], batch.token_offsets[row + 1])):
                if masked == "skip" and not batch.trained[k]:
                    continue
                delta = reward.get(k, 0.0) + gamma * next_value - value[k]
                next_value, next_advantage = value[k], delta + gamma * lam * next_advantage
                result[k] = next_advantage
    return np.where(batch.trained, result, 0.0)


def turn_gae(batch: StepBatch, gamma: float, lam: float, bootstrap: bool) -> tuple[FloatArray, FloatArray]:
    result, value = np.zeros(len(batch)), np.zeros(len(batch))
    for rows in episodes(batch):
        for row in rows:
            value[row] = batch.value[row] if trained_tokens(batch, row) else 0.0  # type: ignore[index]
        last = rows[-1]
        next_value = float(np.asarray(batch.bootstrap)[last]) if bootstrap and batch.truncated[last] else 0.0
        next_advantage = 0.0
        for row in reversed(rows):
            if batch.terminated[row]:
                next_value = next_advantage = 0.0
            delta = batch.reward[row] + gamma * next_value - value[row]
            next_value, next_advantage = value[row], delta + gamma * lam * next_advantage
            result[row] = next_advantage
    return result, result + value


def bilevel_gae(batch: StepBatch, gamma: float, lam: float, gamma_high: float, boundary: str) -> FloatArray:
    result = np.zeros(batch.tokens)
    value = np.asarray(batch.value_token)
    for rows in episodes(batch):
        reward = rewards_on_tokens(batch, rows)
        ends = [trained_tokens(batch, row)[-1] for row in rows if trained_tokens(batch, row)]
        if boundary == "nonzero":
            ends = [k for k in ends if reward.get(k, 0.0) != 0.0]
        next_value = next_advantage = 0.0
        for k in reversed(ends):
            delta = reward[k] + gamma_high * next_value - value[k]
            next_value, next_advantage = value[k], delta + gamma_high * lam * next_advantage
            result[k] = next_advantage
        next_value = next_advantage = 0.0
        for k in reversed([k for row in rows for k in trained_tokens(batch, row)]):
            if k not in ends:
                delta = reward.get(k, 0.0) + gamma * next_value - value[k]
                result[k] = delta + gamma * lam * next_advantage
            next_value, next_advantage = value[k], result[k]
    return result


def action_gae(batch: StepBatch, gamma: float, lam: float, inner: str, next_value: str) -> FloatArray:
    result = np.zeros(batch.tokens)
    value = np.asarray(batch.value_token)
    for rows in episodes(batch):
        reward, last = rewards_on_tokens(batch, rows), rows[-1]
        running = batch.truncated[last] and not batch.terminated[last]
        beyond = float(np.asarray(batch.bootstrap)[last]) if running else 0.0
        trace = 0.0
        for row in reversed(rows):
            tokens = trained_tokens(batch, row)
            for k in reversed(tokens):
                if k == tokens[-1]:
                    delta = reward.get(k, 0.0) + gamma * beyond - value[k]
                    trace = delta + gamma * lam * trace
                else:
                    factor = 1.0 if inner == "undiscounted" else gamma
                    trace = factor * value[k + 1 if batch.trained[k + 1] else tokens[tokens.index(k) + 1]] - (
                        value[k] - factor * lam * trace
                    )
                result[k] = trace
            if tokens:
                beyond = value[tokens[0 if next_value == "first" else -1]]
    return result


@thorough
@given(critic_batches(), DISCOUNTS, st.sampled_from(["skip", "through"]), st.booleans())
def test_gae_token__agrees_with_a_loop(
    batch: StepBatch, discounts: tuple[float, float], masked: str, dense: bool
) -> None:
    if dense:
        batch = batch.with_columns(reward_token=np.cos(np.arange(batch.tokens)))
    expected = token_gae(batch, *discounts, masked)
    keywords: dict[str, Any] = {"gamma": discounts[0], "lam": discounts[1], "masked": masked}
    raw = advantages("gae_token", batch, whiten="none", **keywords)
    np.testing.assert_allclose(raw.token, expected, atol=1e-10)
    returns = np.where(batch.trained, expected + np.asarray(batch.value_token), 0.0)
    np.testing.assert_allclose(raw.returns, returns, atol=1e-10)
    np.testing.assert_allclose(raw.step, step_means(expected, batch), atol=1e-10)
    white = advantages("gae_token", batch, **keywords)
    np.testing.assert_allclose(white.token, whitened(expected, batch.trained), atol=1e-5)
    np.testing.assert_array_equal(white.returns, raw.returns)


@thorough
@given(critic_batches(), DISCOUNTS, st.booleans())
def test_gae_turn__agrees_with_a_loop(
    batch: StepBatch, discounts: tuple[float, float], bootstrap: bool
) -> None:
    expected, returns = turn_gae(batch, *discounts, bootstrap)
    written = np.array([bool(trained_tokens(batch, row)) for row in range(len(batch))])
    keywords: dict[str, Any] = {"gamma": discounts[0], "lam": discounts[1], "bootstrap": bootstrap}
    raw = advantages("gae_turn", batch, whiten="none", **keywords)
    np.testing.assert_allclose(raw.step, np.where(written, expected, 0.0), atol=1e-10)
    np.testing.assert_allclose(raw.returns, returns, atol=1e-10)
    assert raw.token is None
    white = advantages("turn_ppo", batch, **keywords)
    np.testing.assert_allclose(white.step, whitened(expected, written), atol=1e-5)


@thorough
@given(critic_batches(), DISCOUNTS, st.sampled_from(["steps", "nonzero"]))
def test_gae_bilevel__agrees_with_a_loop(
    batch: StepBatch, discounts: tuple[float, float], boundary: str
) -> None:
    expected = bilevel_gae(batch, *discounts, 0.8, boundary)
    keywords: dict[str, Any] = {"gamma": discounts[0], "lam": discounts[1], "gamma_high": 0.8}
    raw = advantages("gae_bilevel", batch, boundary=boundary, whiten="none", **keywords)
    np.testing.assert_allclose(raw.token, expected, atol=1e-10)
    returns = np.where(batch.trained, expected + np.asarray(batch.value_token), 0.0)
    np.testing.assert_allclose(raw.returns, returns, atol=1e-10)
    np.testing.assert_allclose(raw.step, step_means(expected, batch), atol=1e-10)
    white = advantages("gae_bilevel", batch, boundary=boundary, **keywords)
    np.testing.assert_allclose(white.token, whitened(expected, batch.trained), atol=1e-5)


@thorough
@given(
    critic_batches(),
    DISCOUNTS,
    st.sampled_from(["undiscounted", "discounted"]),
    st.sampled_from(["first", "last"]),
)
def test_poad__agrees_with_a_loop(
    batch: StepBatch, discounts: tuple[float, float], inner: str, next_value: str
) -> None:
    expected = action_gae(batch, *discounts, inner, next_value)
    keywords: dict[str, Any] = {"gamma": discounts[0], "lam": discounts[1], "next_value": next_value}
    got = advantages("poad", batch, inner=inner, **keywords)
    np.testing.assert_allclose(got.token, expected, atol=1e-10)
    np.testing.assert_allclose(got.step, step_means(expected, batch), atol=1e-10)
    returns = np.where(batch.trained, expected + np.asarray(batch.value_token), 0.0)
    np.testing.assert_allclose(got.returns, returns, atol=1e-10)
    alias = advantages("bad" if inner == "undiscounted" else "ntpo", batch, **keywords)
    np.testing.assert_array_equal(alias.token, got.token)


@thorough
@given(critic_batches())
def test_gae_token__with_lam_1_returns_what_follows(batch: StepBatch) -> None:
    returns = advantages("gae_token", batch).returns
    for rows in episodes(batch):
        reward = rewards_on_tokens(batch, rows)
        tokens = [k for row in rows for k in trained_tokens(batch, row)]
        rest = [sum(reward.get(j, 0.0) for j in tokens[i:]) for i in range(len(tokens))]
        np.testing.assert_allclose(returns[tokens], rest, atol=1e-10)


def test_poad__inner_tokens_share_the_credit_of_the_action() -> None:
    # One action of two tokens, reward 1, then the end: with lam 0 the shares are V2 - V1 and 1 - V2.
    batch = make([0], [1.0], tokens=2, terminated=[True], value_token=[0.2, 0.7])
    np.testing.assert_allclose(advantages("poad", batch, lam=0.0).token, [0.5, 0.3])
    np.testing.assert_allclose(advantages("ntpo", batch, lam=0.0, gamma=0.5).token, [0.15, 0.3])


def test_gae_turn__is_the_action_level_gae_of_poad() -> None:
    # One token for each action: there is nothing inside an action, and the two agree.
    batch = make(
        [0, 0, 1], [0.0, 1.0, 0.5], truncated=[False, True, False], terminated=[False, False, True],
        value=[0.1, 0.2, 0.3], value_token=[0.1, 0.2, 0.3], bootstrap=[9.0, 0.4, 9.0],
    )  # fmt: skip
    turn = advantages("gae_turn", batch, gamma=0.95, lam=0.95, whiten="none", bootstrap=True)
    np.testing.assert_allclose(turn.step, advantages("poad", batch).token)
    last = 1.0 + 0.95 * 0.4 - 0.2
    np.testing.assert_allclose(turn.step, [0.95 * 0.2 - 0.1 + 0.95**2 * last, last, 0.2])


def test_gae_turn__counts_every_step_of_a_batch_without_tokens() -> None:
    batch = make([0, 0, 0], [1.0, 0.0, 2.0], tokens=0, value=[0.0, 1.0, 0.5])
    raw = advantages("gae_turn", batch, whiten="none").step
    np.testing.assert_allclose(raw, [3.0, 1.0, 1.5])
    np.testing.assert_allclose(advantages("gae_turn", batch).step, whitened(raw, raw > 0), atol=1e-6)


def test_bootstrap__asked_for_and_absent() -> None:
    cut = make([0, 0], [0.0, 1.0], truncated=[False, True], value=[0.0, 0.0], value_token=[0.0, 0.0])
    with pytest.raises(MissingColumnError, match="bootstrap=True needs the column 'bootstrap'"):
        advantages("gae_turn", cut, bootstrap=True)
    ended = cut.with_columns(terminated=[False, True])
    np.testing.assert_array_equal(
        advantages("gae_turn", ended, bootstrap=True).step, advantages("gae_turn", ended).step
    )
    np.testing.assert_allclose(advantages("poad", cut, gamma=1.0, lam=1.0).token, [1.0, 1.0])


@pytest.mark.parametrize(
    ("name", "keyword"),
    [
        ("gae_token", {"masked": "pass"}),
        ("gae_token", {"whiten": "steps"}),
        ("gae_turn", {"whiten": "tokens"}),
        ("gae_bilevel", {"boundary": "turns"}),
        ("gae_bilevel", {"whiten": "steps"}),
        ("poad", {"inner": "no"}),
        ("poad", {"next_value": "mean"}),
    ],
)
def test_gae__unknown_choices_list_the_known_ones(name: str, keyword: dict[str, str]) -> None:
    batch = make([0, 0], [0.0, 1.0], value=[0.0, 0.0], value_token=[0.0, 0.0])
    with pytest.raises(ArgumentError, match="Expected one of"):
        advantages(name, batch, **keyword)


def test_archer__is_min_q_minus_v() -> None:
    batch = make([0, 0], [0.0, 1.0], value=[0.5, 2.0], rewards=[[1.0, 0.75, -9.0], [2.5, 3.0, -9.0]])
    np.testing.assert_allclose(advantages("archer", batch).step, [0.25, 0.5])
    ready = batch.with_columns(rewards=None, process_reward=[1.5, 1.0])
    np.testing.assert_allclose(advantages("archer", ready).step, [1.0, -1.0])
    with pytest.raises(MissingColumnError, match=r"archer .* needs the column 'process_reward'"):
        advantages("archer", batch.with_columns(rewards=None))
    with pytest.raises(MissingColumnError, match="archer needs the column 'value'"):
        advantages("archer", batch.with_columns(value=None))
