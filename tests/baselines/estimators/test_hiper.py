"""HiPER against its three recursions written as loops over one episode."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError, MissingColumnError
from baselines.estimators import advantages
from tests.baselines.estimators.batches import make
from tests.baselines.estimators.critic_batches import critic_batches, episodes, step_means

thorough = settings(max_examples=150, deadline=None)
KEYWORDS = st.fixed_dictionaries(
    {
        "gamma": st.sampled_from([1.0, 0.9, 0.0]),
        "lam": st.sampled_from([1.0, 0.8]),
        "lam_segment": st.sampled_from([0.95, 0.5]),
        "keep_penalty": st.sampled_from([0.0, -0.3]),
        "keep_mode": st.sampled_from(["fixed", "normalized"]),
        "consistency_penalty": st.sampled_from([0.0, -0.2]),
        "invalid_penalty": st.sampled_from([0.0, 0.1]),
        "bootstrap": st.booleans(),
    }
)


class Levels(NamedTuple):
    low: FloatArray
    high: FloatArray
    rest: FloatArray
    start: Any


def shaped(batch: StepBatch, rows: list[int], given_: dict[str, Any]) -> dict[int, float]:
    subgoal, option = np.asarray(batch.subgoal), np.asarray(batch.option)
    rewards = {}
    for t, row in enumerate(rows):
        reward = float(batch.reward[row])
        if not subgoal[row] and given_["keep_mode"] == "fixed":
            reward += given_["keep_penalty"]
        elif not subgoal[row] and len(rows) > 1:
            reward += given_["keep_penalty"] / len(rows)
        if not batch.valid[row]:
            reward -= given_["invalid_penalty"]
        if t > 0 and not subgoal[row] and option[row] >= 0 and option[rows[t - 1]] >= 0:
            reward += given_["consistency_penalty"] * (option[row] != option[rows[t - 1]])
        rewards[row] = reward
    return rewards


def levels(batch: StepBatch, given_: dict[str, Any]) -> Levels:
    gamma, lam, lam_segment = given_["gamma"], given_["lam"], given_["lam_segment"]
    value, value_high = np.asarray(batch.value), np.asarray(batch.value_high)
    low, high, rest = np.zeros(len(batch)), np.zeros(len(batch)), np.zeros(len(batch))
    start = np.zeros(len(batch), np.bool_)
    for rows in episodes(batch):
        reward = shaped(batch, rows, given_)
        cuts = [t for t, row in enumerate(rows) if t == 0 or np.asarray(batch.subgoal)[row]]
        next_high = 0.0
        for begin, end in reversed(list(zip(cuts, [*cuts[1:], len(rows)], strict=True))):
            segment = rows[begin:end]
            first, last = segment[0], segment[-1]
            start[first] = True
            own = given_["bootstrap"] and batch.truncated[last] and not batch.terminated[last]
            after_low = after_high = 0.0
            if end < len(rows):
                after_low = after_high = value_high[rows[end]]
            elif own:
                after_low, after_high = value[last], value_high[first]
            trace, result, next_value = 0.0, after_high, after_low
            for row in reversed(segment):
                trace = reward[row] + gamma * next_value - value[row] + gamma * lam * trace
                result = reward[row] + gamma * result
                low[row], rest[row], next_value = trace, result, value[row]
            going = 0.0 if batch.terminated[last] else 1.0
            total = sum(gamma**j * reward[row] for j, row in enumerate(segment))
            power = gamma ** len(segment) * going
            next_high = total + power * after_high - value_high[first] + power * lam_segment * next_high
            high[first] = next_high
    return Levels(low, high, rest, start)


def on_tokens(batch: StepBatch, parts: Levels, norm: str) -> FloatArray:
    token, row = np.zeros(batch.tokens), batch.token_row
    steps = [(1, parts.low), (2, parts.high)]
    if batch.value_term is not None:
        steps.append((4, parts.rest - batch.value_term))
    for bit, x in steps:
        chosen = batch.trained & (np.asarray(batch.token_role) & bit > 0)
        chosen &= parts.start[row] if bit == 2 else True
        if not chosen.any():
            continue
        if norm == "mean_std":
            counted = x[sorted(set(row[chosen]))]
            spread = counted.std()
            x = (x - counted.mean()) / (spread + 1e-8) if spread > 1e-9 else np.zeros(len(x))
        token += np.where(chosen, x[row], 0.0)
    return token


@thorough
@given(critic_batches(), KEYWORDS, st.booleans())
def test_hiper__agrees_with_loops(batch: StepBatch, keywords: dict[str, Any], two_heads: bool) -> None:
    if two_heads:
        batch = batch.with_columns(value_term=None)
    parts = levels(batch, keywords)
    raw = advantages("hiper", batch, norm="none", **keywords)
    np.testing.assert_allclose(raw.token, on_tokens(batch, parts, "none"), atol=1e-10)
    np.testing.assert_allclose(raw.step, step_means(raw.token, batch), atol=1e-10)
    np.testing.assert_array_equal(raw.starts, parts.start)
    np.testing.assert_allclose(raw.returns, parts.low + np.asarray(batch.value), atol=1e-10)
    np.testing.assert_allclose(
        raw.returns_high, np.where(parts.start, parts.high + np.asarray(batch.value_high), 0.0), atol=1e-10
    )
    np.testing.assert_allclose(raw.returns_term, parts.rest, atol=1e-10)
    normal = advantages("hiper", batch, **keywords)
    np.testing.assert_allclose(normal.token, on_tokens(batch, parts, "mean_std"), atol=1e-6)
    np.testing.assert_array_equal(normal.returns_high, raw.returns_high)


@thorough
@given(critic_batches())
def test_hiper__subgoals_everywhere_make_two_levels_of_turns(batch: StepBatch) -> None:
    # Segments of one step: the upper level is turn-level GAE on its own critic.
    batch = batch.with_columns(
        subgoal=np.ones(len(batch), np.bool_),
        token_mask=None,
        token_offsets=np.arange(len(batch) + 1),
        token_role=np.full(len(batch), 2),
        value_token=None,
    )
    got = advantages("hiper", batch, gamma=0.9, norm="none", lam_segment=0.8)
    turn = batch.with_columns(value=batch.value_high)
    expected = advantages("gae_turn", turn, gamma=0.9, lam=0.8, whiten="none")
    np.testing.assert_allclose(got.step, expected.step, atol=1e-10)
    np.testing.assert_allclose(got.returns_high, expected.returns, atol=1e-10)


@thorough
@given(critic_batches())
def test_hiper__without_a_subgoal_an_episode_is_one_segment(batch: StepBatch) -> None:
    batch = batch.with_columns(
        subgoal=np.zeros(len(batch), np.bool_),
        token_mask=None,
        token_offsets=np.arange(len(batch) + 1),
        token_role=np.full(len(batch), 1),
        value_token=None,
    )
    got = advantages("hiper", batch, gamma=0.9, lam=0.8, norm="none")
    expected = advantages("gae_turn", batch, gamma=0.9, lam=0.8, whiten="none")
    np.testing.assert_allclose(got.step, expected.step, atol=1e-10)
    np.testing.assert_allclose(got.returns, expected.returns, atol=1e-10)


def test_hiper__two_segments_by_hand() -> None:
    # Three steps, a new subgoal at the third; gamma 0.5, both traces 1; a token for each role and step.
    batch = make(
        [0, 0, 0], [1.0, 2.0, 4.0], tokens=3, terminated=[False, False, True], subgoal=[False, False, True],
        value=[0.5, 1.0, 1.5], value_high=[2.0, 9.0, 3.0], value_term=[0.25, 0.5, 1.0],
        token_role=[4, 2, 1] * 3,
    )  # fmt: skip
    got = advantages("hiper", batch, gamma=0.5, lam_segment=1.0, norm="none")
    last = 4.0 - 1.5
    second = 2.0 + 0.5 * 3.0 - 1.0  # the next segment starts with value_high 3
    first = 1.0 + 0.5 * 1.0 - 0.5 + 0.5 * second
    upper = 1.0 + 0.5 * 2.0 + 0.25 * 3.0 - 2.0 + 0.25 * (4.0 - 3.0)
    keep = [1.0 + 0.5 * 3.5 - 0.25, 3.5 - 0.5, 4.0 - 1.0]
    expected = [keep[0], upper, first, keep[1], 0.0, second, keep[2], 1.0, last]
    np.testing.assert_allclose(got.token, expected)
    np.testing.assert_array_equal(got.starts, [True, False, True])


def test_hiper__a_level_with_one_step_gets_zero_when_normalised() -> None:
    batch = make(
        [0, 0], [1.0, 2.0], subgoal=[True, False], value=[0.0, 0.0], value_high=[0.0, 0.0], token_role=[2, 1]
    )
    np.testing.assert_array_equal(advantages("hiper", batch).token, [0.0, 0.0])
    np.testing.assert_array_equal(advantages("hiper", batch, norm="none").token, [3.0, 2.0])


def test_hiper__names_what_is_wrong() -> None:
    batch = make([0], [1.0], subgoal=[True], value=[0.0], value_high=[0.0], token_role=[1])
    with pytest.raises(MissingColumnError, match="consistency_penalty needs the column 'option'"):
        advantages("hiper", batch, consistency_penalty=-0.3)
    for keyword in ({"keep_mode": "mean"}, {"norm": "std"}):
        with pytest.raises(ArgumentError, match="Expected one of"):
            advantages("hiper", batch, **keyword)
    for column in ("value", "value_high", "subgoal", "token_role"):
        with pytest.raises(MissingColumnError, match=f"hiper needs the column '{column}'"):
            advantages("hiper", batch.with_columns(**{column: None}))
