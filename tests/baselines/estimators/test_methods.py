"""Worked examples by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agentgym.errors import ArgumentError, ShapeError
from baselines.estimators import advantages
from tests.baselines.estimators.batches import make


def test_gigpo__two_episodes_by_hand() -> None:
    # Episode 0 goes hall, door and wins 1; episode 1 goes hall, hall and gets 0. gamma is 0.5.
    # Outcomes 1, 0: mean 0.5, std sqrt(0.5). Returns-to-go: hall 0.5, 0, 0; door (met once) 1.
    # Hall: mean 1/6, deviations 1/3, -1/6, -1/6, std sqrt((4 + 1 + 1) / 36 / 2) = sqrt(1/12).
    batch = make([0, 1, 0, 1], [0.0, 0.0, 1.0, 0.0], state=["hall", "hall", "door", "hall"])
    outcome = 0.5 / (math.sqrt(0.5) + 1e-6)
    std = math.sqrt(1 / 12) + 1e-6
    expected = [
        outcome + 2 * (1 / 3) / std,
        -outcome + 2 * (-1 / 6) / std,
        outcome,
        -outcome + 2 * (-1 / 6) / std,
    ]
    got = advantages("gigpo", batch, gamma=0.5, step_weight=2.0)
    assert got.token is None
    np.testing.assert_allclose(got.step, expected, rtol=1e-12)
    centred = advantages("gigpo", batch, gamma=0.5, step_weight=2.0, norm="mean").step
    np.testing.assert_allclose(centred, [0.5 + 2 / 3, -0.5 - 1 / 3, 0.5, -0.5 - 1 / 3], rtol=1e-12)


def test_gigpo__does_not_compare_states_of_different_groups() -> None:
    batch = make([0, 1, 2, 3], [1.0, 0.0, 5.0, 5.0], group=[0, 0, 1, 1], state=["hall"] * 4)
    step = advantages("gigpo", batch, norm="mean").step
    np.testing.assert_allclose(step, [1.0, -1.0, 0.0, 0.0], rtol=1e-12)


def test_gigpo__similarity_groups_near_equal_texts() -> None:
    texts = ["You see a door 1.", "You see a door 2.", "The kitchen is dark.", "You see a door 1."]
    batch = make([0, 1, 2, 3], [1.0, 0.0, 7.0, 2.0], state=texts)
    exact = advantages("gigpo", batch, norm="none", step_weight=0.0).step
    np.testing.assert_array_equal(exact, [1.0, 0.0, 7.0, 2.0])
    base = advantages("gigpo", batch, norm="mean", step_weight=0.0).step
    near = advantages("gigpo", batch, norm="mean", similarity=0.9).step - base
    np.testing.assert_allclose(near, [0.0, -1.0, 0.0, 1.0], atol=1e-12)
    same = advantages("gigpo", batch, norm="mean").step - base
    np.testing.assert_allclose(same, [-0.5, 0.0, 0.0, 0.5], atol=1e-12)


def test_gigpo__similarity_needs_texts_and_a_threshold_inside_the_interval() -> None:
    batch = make([0, 1], [1.0, 0.0])
    with pytest.raises(ShapeError, match="'state'"):
        advantages("gigpo", batch, similarity=0.9)
    for threshold in (0.0, 1.0, -1.0, 2.0):
        with pytest.raises(ArgumentError, match="similarity"):
            advantages("gigpo", batch.with_columns(state=["a", "b"]), similarity=threshold)


def test_grpo__statistics_over_episodes_or_over_steps() -> None:
    # Episode 0 has three steps and outcome 1, episode 1 one step and outcome 0.
    batch = make([0, 0, 0, 1], [0.0, 0.0, 1.0, 0.0])
    np.testing.assert_allclose(advantages("grpo", batch, norm="mean").step, [0.5, 0.5, 0.5, -0.5])
    steps = advantages("grpo", batch, norm="mean", over="steps").step
    np.testing.assert_allclose(steps, [0.25, 0.25, 0.25, -0.75])
    std = math.sqrt((3 * 0.25**2 + 0.75**2) / 3)
    scaled = advantages("grpo", batch, over="steps", eps=0.1).step
    np.testing.assert_allclose(scaled, np.array([0.25, 0.25, 0.25, -0.75]) / (std + 0.1))


def test_grpo__statistics_take_the_first_step_and_scores_are_the_steps_own() -> None:
    batch = make([0, 0, 1], [0.0, 0.0, 0.0], outcome=[1.0, 0.9, 0.0])
    np.testing.assert_allclose(advantages("grpo", batch, norm="mean").step, [0.5, 0.4, -0.5])


def test_grpo__group_of_one_follows_single() -> None:
    batch = make([0, 0], [0.0, 3.0])
    np.testing.assert_allclose(advantages("grpo", batch).step, 3.0 / (1 + 1e-6), rtol=1e-12)
    np.testing.assert_array_equal(advantages("grpo", batch, norm="mean").step, [3.0, 3.0])
    np.testing.assert_array_equal(advantages("grpo", batch, single="zero").step, [0.0, 0.0])


def test_grpo__aliases_are_presets_that_a_caller_may_override() -> None:
    batch = make([0, 0, 1], [0.0, 1.0, 0.0])
    centred = advantages("grpo", batch, norm="mean").step
    np.testing.assert_array_equal(advantages("dr_grpo", batch).step, centred)
    np.testing.assert_array_equal(
        advantages("dr_grpo", batch, norm="mean_std").step, advantages("grpo", batch).step
    )
    assert not np.array_equal(advantages("flow_grpo", batch).step, advantages("grpo", batch).step)


def test_rloo__subtracts_the_mean_of_the_others() -> None:
    batch = make([0, 1, 2], [1.0, 2.0, 6.0])
    np.testing.assert_allclose(advantages("rloo", batch).step, [1 - 4, 2 - 3.5, 6 - 1.5])
    np.testing.assert_array_equal(advantages("rloo", make([0], [2.5])).step, [2.5])


def test_reinforce_pp__discounts_within_the_step_and_whitens() -> None:
    batch = make([0, 1], [4.0, 2.0], tokens=2)
    returns = np.array([2.0, 4.0, 1.0, 2.0])
    expected = (returns - returns.mean()) / returns.std(ddof=1)
    got = advantages("reinforce_pp", batch, gamma=0.5)
    np.testing.assert_allclose(got.token, expected, atol=1e-7)
    np.testing.assert_allclose(got.step, expected.reshape(2, 2).mean(1), atol=1e-7)


def test_reinforce_pp__untrained_tokens_get_nothing_and_stop_the_carry() -> None:
    mask = [True, False, True, True, True, False]
    batch = make([0, 1], [4.0, 2.0], tokens=3, token_mask=mask)
    returns = np.array([0.0, 4.0, 2.0, 2.0])  # the last token of step 1 is not trained: its score moves up
    expected = np.zeros(6)
    expected[mask] = (returns - returns.mean()) / returns.std(ddof=1)
    got = advantages("reinforce_pp", batch)
    np.testing.assert_allclose(got.token, expected, atol=1e-7)
    np.testing.assert_allclose(got.step, [expected[[0, 2]].mean(), expected[3]], atol=1e-7)


def test_reinforce_pp__too_few_tokens_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="at least 2"):
        advantages("reinforce_pp", make([0], [1.0]))


@pytest.mark.parametrize("keyword", [{"norm": "std"}, {"over": "episode"}, {"single": "keep"}])
def test_grpo__unknown_choice_lists_the_known_ones(keyword: dict[str, str]) -> None:
    with pytest.raises(ArgumentError, match="Expected one of"):
        advantages("grpo", make([0, 1], [0.0, 1.0]), **keyword)
