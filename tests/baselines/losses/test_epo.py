"""EPO: penalties, their history, and the schedule."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="losses need torch: pip install -e '.[train]'")

from agentgym.errors import ArgumentError, ShapeError  # noqa: E402
from baselines.losses import EpoHistory, epo_penalty, epo_weight  # noqa: E402
from tests.baselines.golden import Case, cases  # noqa: E402

WEIGHT = cases(lambda method: method == "primitive:epo_weight")


def expected_penalty(
    entropy: Any,
    offsets: Any,
    past: Any,
    index: Any,
    mask: Any,
    mode: str,
    low: float,
    high: float,
    soft: bool,
) -> list[float]:
    result = [0.0] * len(entropy)
    for row, number in enumerate(index):
        span = [k for k in range(offsets[row], offsets[row + 1]) if mask[k]]
        if not span or number >= len(past) or math.isnan(past[number]):
            continue
        floor, ceiling = low * past[number], high * past[number]
        for k in span:
            level = entropy[k] if mode == "token" else sum(entropy[j] for j in span) / len(span)
            if soft:
                result[k] = 0.1 * max(floor - level, level - ceiling, 0.0)
            else:
                result[k] = 0.0 if floor < level < ceiling else 0.1
    return result


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=6),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["token", "seq"]),
    st.booleans(),
)
def test_epo_penalty__agrees_with_a_loop(lengths: list[int], seed: int, mode: Any, soft: bool) -> None:
    lengths[0] += 1
    rng = np.random.default_rng(seed)
    tokens, offsets = sum(lengths), np.cumsum([0, *lengths])
    entropy, index = rng.exponential(size=tokens), rng.integers(0, 5, len(lengths))
    past = rng.exponential(size=4)
    past[rng.random(4) < 0.2] = np.nan
    mask = rng.random(tokens) < 0.7
    mask[0] = True
    got = epo_penalty(entropy, offsets, past, index, mask, mode=mode, low=0.5, high=1.5, soft=soft)
    wanted = expected_penalty(entropy, offsets, past, index, mask, mode, 0.5, 1.5, soft)
    np.testing.assert_allclose(got, wanted, atol=1e-12)


@pytest.mark.parametrize("mode", ["token", "seq"])
def test_epo_penalty__only_the_soft_one_has_a_gradient(mode: Any) -> None:
    # The past mean is 1, the range 0.8 to 1.2. Tokens: 0.5 (below), 3.5 (above); their mean is 2.
    entropy = torch.tensor([0.5, 3.5], dtype=torch.float64, requires_grad=True)
    hard = epo_penalty(entropy, [0, 2], [1.0], [0], mode=mode)
    np.testing.assert_array_equal(hard, [0.1, 0.1])
    assert not hard.requires_grad
    soft = epo_penalty(entropy, [0, 2], [1.0], [0], mode=mode, soft=True)
    np.testing.assert_allclose(soft.detach(), [0.03, 0.23] if mode == "token" else [0.08, 0.08])
    (gradient,) = torch.autograd.grad(soft.sum(), entropy)
    np.testing.assert_allclose(gradient, [-0.1, 0.1] if mode == "token" else [0.1, 0.1])


def test_epo_penalty__pulls_entropy_into_the_range() -> None:
    logits = torch.tensor([4.0, 0.0, 0.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([logits], lr=20.0)
    for _ in range(200):
        entropy = torch.distributions.Categorical(logits=logits).entropy()[None]
        optimiser.zero_grad()
        epo_penalty(entropy, [0, 1], [0.6], [0], soft=True).mean().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert 0.8 * 0.6 - 1e-3 < entropy.item() < 1.2 * 0.6 + 1e-3


def test_epo_penalty__bounds_are_outside() -> None:
    np.testing.assert_array_equal(
        epo_penalty([0.5, 1.0, 1.5], [0, 3], [1.0], [0], low=0.5, high=1.5), [0.1, 0.0, 0.1]
    )


def test_epo_penalty__untrained_tokens_count_for_nothing_whatever_they_hold() -> None:
    entropy = torch.tensor([math.inf, 2.0, math.nan], dtype=torch.float64, requires_grad=True)
    mask = [False, True, False]
    for mode in ("token", "seq"):
        got = epo_penalty(entropy, [0, 3], [1.0], [0], mask, mode=mode, soft=True)
        np.testing.assert_allclose(got.detach(), [0.0, 0.08, 0.0])
        (gradient,) = torch.autograd.grad(got.sum(), entropy)
        np.testing.assert_allclose(gradient, [0.0, 0.1, 0.0])


def test_epo_penalty__waits_for_the_second_half_of_episodes() -> None:
    late = epo_penalty([9.0, 9.0], [0, 1, 2], [1.0] * 9, [0, 4], max_steps=9)
    np.testing.assert_array_equal(late, [0.1, 0.1])
    early = epo_penalty([9.0, 9.0], [0, 1, 2], [1.0] * 9, [0, 3], max_steps=9)
    np.testing.assert_array_equal(early, [0.0, 0.0])
    np.testing.assert_array_equal(epo_penalty([9.0], [0, 1], [], [0]), [0.0])  # no history


def test_epo_penalty__wrong_arguments_are_named() -> None:
    with pytest.raises(ArgumentError, match="'seq'"):
        epo_penalty([1.0], [0, 1], [1.0], [0], mode="step")  # type: ignore[arg-type]
    for wrong in ({"low": 2.0}, {"low": -1.0}, {"penalty": -0.1}):
        with pytest.raises(ArgumentError, match="0 <= low <= high"):
            epo_penalty([1.0], [0, 1], [1.0], [0], **wrong)  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="'step_index'"):
        epo_penalty([1.0], [0, 1], [1.0], [0, 1])
    with pytest.raises(ShapeError, match="'token_offsets'"):
        epo_penalty([1.0], [0, 2], [1.0], [0])


def test_epo_history__averages_epochs_and_not_tokens() -> None:
    history = EpoHistory()
    assert history.mean.shape == (0,)
    history.add([1.0, 3.0, 5.0, 7.0], [0, 2, 3, 4], [0, 0, 2])  # step 0: 3, step 2: 7, none at step 1
    history.add([1.0, 9.0], [0, 2], [0], [True, False])  # step 0: 1
    np.testing.assert_array_equal(history.mean, [2.0, np.nan, 7.0])
    other = EpoHistory()
    other.load_state_dict(history.state_dict())
    other.add([4.0], [0, 1], [1])
    np.testing.assert_array_equal(other.mean, [2.0, 4.0, 7.0])
    np.testing.assert_array_equal(history.mean, [2.0, np.nan, 7.0])
    np.testing.assert_allclose(epo_penalty([9.0, 9.0], [0, 1, 2], history.mean, [1, 2]), [0.0, 0.1])


@pytest.mark.parametrize("case", WEIGHT)
def test_epo_weight__gives_the_golden_numbers(case: Case) -> None:
    got = epo_weight(**case["kwargs"])
    np.testing.assert_allclose(got, case["expected"]["scalar"], rtol=0, atol=case["atol"])


def test_epo_weight__falls_from_one_with_a_jump_at_the_half() -> None:
    weights = epo_weight(np.arange(11), 10)
    assert weights[0] == 1.0
    assert (np.diff(weights) < 0).all()
    np.testing.assert_allclose(weights[5], 0.8 + 0.2 * math.exp(-2))
    np.testing.assert_allclose(epo_weight(10, 10), 0.8 * math.exp(-3))
    with pytest.raises(ArgumentError, match="`epochs` is 0"):
        epo_weight(0, 0)
