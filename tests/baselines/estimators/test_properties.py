"""What every registered method owes, whatever its formula."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym import StepBatch
from baselines.estimators import advantages, make_estimator, names
from baselines.estimators.primitives import first_rows
from tests.baselines.estimators import plain
from tests.baselines.estimators.batches import STATES, batches, for_method, take, token_order

EVERY = pytest.mark.parametrize("name", names(aliases=False))
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("grpo", {"over": "steps", "norm": "mean"}),
    ("grpo", {"single": "zero", "ddof": 2}),
    ("rloo", {"over": "steps"}),
    ("reinforce_pp", {"gamma": 0.5}),
    ("reinforce_pp_baseline", {"over": "steps"}),
    ("grpo_passk", {"over": "steps", "norm": "mean"}),
    ("dr_mas", {"by_agent": False}),
    ("seeupo", {"over": "episodes", "clip": None}),
    ("gigpo", {"over": "steps", "norm": "none"}),
    ("hgpo", {"over": "steps", "history": 0, "weight_offset": 1, "base_group": True}),
    ("hgpo", {"history": 9, "alpha": -1.0, "norm": "mean", "ddof": 1}),
    ("salt", {"history": 2, "base": "gigpo", "gamma": 0.5}),
    ("salt", {"base": "reinforce_pp"}),
    ("empg", {"base": "hgpo", "history": 1}),
    ("istar", {"base": "grpo", "norm": "mean_std", "process_over": "first_step"}),
    ("istar", {"base": "reinforce_pp_baseline", "process_norm": "none"}),
    ("istar", {"combine": "sum", "base": "reinforce_pp_baseline"}),
    ("istar", {"combine": "process", "over": "steps"}),
    ("mars", {"unique": "released", "gamma": 0.5, "clip": 1.5}),
    ("mars", {"reward_norm": "mean_std", "advantage_norm": "mean_std", "unique": "released"}),
    ("mars", {"reward_norm": "none", "whiten_rewards": "none", "advantage_norm": "mean_std"}),
    ("malt", {"threshold": 0.0}),
    ("matchtir", {"pool": "group", "turn_norm": "mean", "weight": 0.2}),
    ("igpo", {"variant": "separate", "boundary": "nonzero", "gamma": 0.5}),
    ("a2tgpo", {"variant": "turn_group", "pool": "group", "norm": "mean"}),
    ("gdpo", {"whiten": "episodes", "weights": [0.5, 2.0]}),
    ("pure", {"baseline": "token", "verifiable_weight": 0.5, "separator_zero": False}),
    ("riskpo", {"measure": "upper", "credit": "sum_mean", "quantiles": "batch"}),
    ("riskpo", {"measure": "rvar", "credit": "std", "quantiles": "track", "norm": False}),
    ("canon", {"metric": "entropy", "alpha": 0.9, "beta": 0.1, "mix": 0.2}),
    ("spo_chain", {"start": "none", "prob_mask": 0.5}),
    ("spo_tree", {"norm": "mean_std"}),
    ("treeps_rag", {"norm": "mean_std"}),
    ("tempo", {"unit": "step"}),
    ("arpo", {"attribution": "hard"}),
    ("hicra", {"base": "reinforce_pp"}),
    ("ma_rlhf", {"macro": 2, "value_mode": "position"}),
]
EVERY_VARIANT = pytest.mark.parametrize(
    ("name", "keywords"), [*((name, {}) for name in names(aliases=False)), *VARIANTS]
)
ORDERED = {"riskpo", "canon"}
"""The order of episodes is part of these: k-th responses make a paper; equal metrics keep their order."""

EVERY_UNORDERED = pytest.mark.parametrize(
    ("name", "keywords"),
    [
        *((name, {}) for name in names(aliases=False) if name not in ORDERED),
        *((name, keywords) for name, keywords in VARIANTS if name not in ORDERED),
    ],
)
quick = settings(max_examples=20, deadline=None)

ZERO_WITHOUT_VARIANCE: dict[str, dict[str, Any]] = {
    "dr_mas": {},
    "empg": {"zeta": 0.0},  # the bonus does not depend on outcomes
    "flow_grpo": {},
    "gigpo": {},
    "grpo": {},
    "grpo_passk": {},
    "hgpo": {},
    "istar": {},
    "mars": {},
    "opo": {},
    "r3l": {"success": 1e9},  # a success is credited even if all succeed
    "reinforce_pp": {},
    "reinforce_pp_baseline": {},
    "rloo": {},
    "salt": {},
    "seeupo": {},
}
"""Methods that compare: equal scores give exactly 0. The keywords take away what compares nothing."""

SHIFTED_OUTCOME = (
    "grpo", "dr_grpo", "flow_grpo", "rloo", "opo", "grpo_passk", "dr_mas", "seeupo",
    "reinforce_pp_baseline", "gigpo", "hgpo", "salt", "empg", "istar",
)  # fmt: skip
"""Methods with a baseline from the group: a constant added to all outcomes changes nothing where each group
has two episodes. Not r3l, which has a threshold, nor reinforce_pp, whose untrained tokens stay 0."""


@EVERY_UNORDERED
@quick
@given(data=st.data())
def test_every_method__ignores_how_episodes_are_ordered_and_interleaved(
    name: str, keywords: dict[str, Any], data: st.DataObject
) -> None:
    batch = data.draw(for_method(name))
    shuffled = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1))).permutation(len(batch))
    order = np.empty_like(shuffled)  # permute which episode comes when, and keep time order within each
    slots = np.argsort(batch.episode[shuffled], kind="stable")
    order[slots] = np.argsort(batch.episode, kind="stable")
    expected = advantages(name, batch, **keywords)
    moved = advantages(name, take(batch, order), **keywords)
    np.testing.assert_allclose(moved.step, expected.step[order], rtol=1e-9, atol=1e-9)
    if expected.token is not None:
        tokens = expected.token[token_order(batch, order)]
        np.testing.assert_allclose(moved.token, tokens, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in names(aliases=False) if name not in ORDERED])
@quick
@given(data=st.data())
def test_every_method__ignores_what_groups_and_states_are_called(name: str, data: st.DataObject) -> None:
    batch = data.draw(for_method(name))
    called = dict(zip(STATES.tolist(), ("z", "a", "m"), strict=True))
    renamed = batch.with_columns(
        group=10**12 - 7 * batch.group,
        episode=500 - 3 * batch.episode,
        state=[called[state] for state in batch.state],
        action=["left" if action else "right" for action in batch.action],
    )
    numbered = batch.with_columns(state=-batch.state_codes, action=10**15 * batch.action_codes)
    expected = advantages(name, batch).step
    np.testing.assert_allclose(advantages(name, renamed).step, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(advantages(name, numbered).step, expected, rtol=1e-9, atol=1e-9)


@EVERY_VARIANT
@quick
@given(data=st.data())
def test_every_method__is_finite_and_leaves_the_batch_alone(
    name: str, keywords: dict[str, Any], data: st.DataObject
) -> None:
    batch = data.draw(for_method(name))
    before = {field.name: getattr(batch, field.name) for field in dataclasses.fields(batch)}
    copies = {key: np.array(array) for key, array in before.items() if array is not None}
    result = advantages(name, batch, **keywords)
    assert result.step.shape == (len(batch),)
    assert result.step.dtype == np.float64
    assert np.isfinite(result.step).all()
    if result.token is not None:
        assert result.token.shape == (batch.tokens,)
        assert np.isfinite(result.token).all()
        assert not result.token[~batch.trained].any()
    for key, copy in copies.items():
        assert not before[key].flags.writeable
        np.testing.assert_array_equal(before[key], copy)


@EVERY
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_every_method__goes_on_from_its_saved_memory(name: str, data: st.DataObject) -> None:
    first, second = data.draw(for_method(name)), data.draw(for_method(name))
    estimator, resumed = make_estimator(name), make_estimator(name)
    estimator(first)
    resumed.load_state_dict(estimator.state_dict())
    np.testing.assert_array_equal(resumed(second).step, estimator(second).step)


@pytest.mark.parametrize("name", ZERO_WITHOUT_VARIANCE)
@pytest.mark.parametrize("score", [0.1, 0.3, 0.7, -1e6 / 3])
def test_comparing_methods__give_exactly_zero_without_variance(name: str, score: float) -> None:
    episodes, steps = 10, 3
    rows = episodes * steps
    batch = StepBatch.from_columns(
        episode=np.repeat(np.arange(episodes), steps),
        group=np.zeros(rows, np.int64),
        reward=np.tile(np.arange(steps) == steps - 1, episodes) * score if name != "mars" else [score] * rows,
        state=np.tile(np.arange(steps), episodes),
        action=np.zeros(rows, np.int64),
        terminated=np.tile(np.arange(steps) == steps - 1, episodes),
        truncated=np.zeros(rows, np.bool_),
        agent=np.zeros(rows, np.int64),
        valid=np.ones(rows, np.bool_),
        token_offsets=np.arange(rows + 1) * 2,
        outcome=np.full(rows, score),
        process_reward=np.full(rows, score),
        entropy=np.full(2 * rows, 0.3),
    )
    result = advantages(name, batch, **ZERO_WITHOUT_VARIANCE[name])
    assert (result.step == 0.0).all()
    assert result.token is None or (result.token == 0.0).all()


@pytest.mark.parametrize("name", SHIFTED_OUTCOME)
@quick
@given(data=st.data(), shift=st.sampled_from([-3.0, 0.5, 100.0]))
def test_group_baselines__ignore_a_shift_of_the_outcome(name: str, data: st.DataObject, shift: float) -> None:
    drawn = data.draw(batches(least_group=2, needs=("entropy", "process_reward")))
    batch = drawn.with_columns(agent=np.zeros(len(drawn), np.int64))  # dr_mas: no agent alone in its group
    shifted = batch.with_columns(outcome=batch.outcome + shift)
    np.testing.assert_allclose(
        advantages(name, shifted).step, advantages(name, batch).step, rtol=0, atol=1e-7
    )


@quick
@given(batch=batches(), shift=st.sampled_from([-3.0, 0.5, 100.0]))
def test_mars__ignores_a_shift_of_the_reward(batch: StepBatch, shift: float) -> None:
    shifted = batch.with_columns(reward=batch.reward + shift)
    np.testing.assert_allclose(
        advantages("mars", shifted).token, advantages("mars", batch).token, rtol=0, atol=1e-7
    )


@pytest.mark.parametrize("name", ["grpo", "dr_grpo", "rloo", "loop"])
@quick
@given(data=st.data())
def test_group_outcome_methods__have_mean_zero_over_the_episodes_of_a_group(
    name: str, data: st.DataObject
) -> None:
    batch = data.draw(batches(least_group=2))
    step, first = advantages(name, batch).step, first_rows(batch.episode)
    sums = np.bincount(batch.group[first], step[first])
    np.testing.assert_allclose(sums, 0.0, atol=1e-9)


@quick
@given(batch=batches())
def test_gigpo__without_step_weight_is_grpo(batch: StepBatch) -> None:
    for norm in ("mean_std", "mean", "none"):
        without = advantages("gigpo", batch, step_weight=0.0, norm=norm).step
        np.testing.assert_array_equal(without, advantages("grpo", batch, norm=norm).step)


KEYWORDS = st.fixed_dictionaries(
    {
        "gamma": st.sampled_from([0.0, 0.5, 0.95, 1.0]),
        "norm": st.sampled_from(["mean_std", "mean"]),
        "over": st.sampled_from(["episodes", "steps"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(batch=batches(), keywords=KEYWORDS, step_weight=st.sampled_from([0.5, 1.0]))
def test_gigpo__agrees_with_plain_loops(
    batch: StepBatch, keywords: dict[str, Any], step_weight: float
) -> None:
    got = advantages("gigpo", batch, step_weight=step_weight, **keywords).step
    expected = plain.gigpo(batch, step_weight=step_weight, **keywords)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9)


@settings(max_examples=120, deadline=None)
@given(
    batch=batches(),
    keywords=KEYWORDS,
    history=st.sampled_from([0, 1, 2, 4, 9]),  # episodes have 5 steps at most
    alpha=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    weight_offset=st.integers(0, 1),
    base_group=st.booleans(),
)
def test_hgpo__agrees_with_plain_loops(batch: StepBatch, keywords: dict[str, Any], **others: Any) -> None:
    got = advantages("hgpo", batch, **keywords, **others).step
    np.testing.assert_allclose(got, plain.hgpo(batch, **keywords, **others), rtol=0, atol=1e-9)


@quick
@given(batch=batches())
def test_salt__is_the_base_where_no_edge_is_shared(batch: StepBatch) -> None:
    apart = batch.with_columns(state=np.arange(len(batch)))
    np.testing.assert_array_equal(advantages("salt", apart).step, advantages("grpo", apart).step)


@quick
@given(batch=batches(needs=("process_reward",)))
def test_istar__without_step_weight_is_its_base(batch: StepBatch) -> None:
    for base in ("rloo", "grpo", "reinforce_pp_baseline"):
        without = advantages("istar", batch, base=base, step_weight=0.0, norm="mean_std")
        np.testing.assert_array_equal(without.step, advantages(base, batch).step)


@quick
@given(batch=batches(needs=("entropy",)))
def test_empg__has_mean_zero_over_the_steps(batch: StepBatch) -> None:
    for base in ("grpo", "rloo", "gigpo"):
        assert abs(advantages("empg", batch, base=base).step.mean()) < 1e-9


@quick
@given(batch=batches(without=("token_mask",)))
def test_reinforce_pp__whitens_over_the_tokens_of_the_batch(batch: StepBatch) -> None:
    for name in ("reinforce_pp", "reinforce_pp_baseline"):
        token = advantages(name, batch).token
        assert abs(token.mean()) < 1e-6
        if np.ptp(token) > 0:
            assert abs(token.std(ddof=1) - 1.0) < 1e-3
