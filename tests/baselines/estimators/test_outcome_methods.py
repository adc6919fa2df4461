"""Worked examples by hand: methods that score an episode's outcome."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agentgym.errors import ArgumentError, ShapeError
from baselines.estimators import advantages
from baselines.estimators.primitives import seeupo_ratio
from tests.baselines.estimators.batches import make


def test_opo__the_baseline_weighs_episodes_by_their_tokens() -> None:
    # Episode 0 wins with 1 + 1 tokens, episode 1 loses with 6: the baseline is 2 * 1 / 8.
    batch = make([0, 1, 0], [0.0, 0.0, 1.0], token_offsets=[0, 1, 7, 8])
    np.testing.assert_allclose(advantages("opo", batch).step, [0.75, -0.25, 0.75], rtol=1e-12)
    mask = [True, True, True, False, False, False, False, True]  # 2 tokens each
    masked = batch.with_columns(token_mask=mask)
    np.testing.assert_allclose(advantages("opo", masked).step, [0.5, -0.5, 0.5], rtol=1e-12)


def test_opo__a_group_of_one_keeps_its_score_and_one_without_tokens_its_mean() -> None:
    batch = make([0, 1, 2], [5.0, 3.0, 1.0], group=[0, 1, 1], tokens=0)
    np.testing.assert_array_equal(advantages("opo", batch).step, [5.0, 1.0, -1.0])


def test_opo__scores_are_the_steps_own_and_statistics_the_first_steps() -> None:
    batch = make([0, 0, 1], [0.0] * 3, outcome=[1.0, 0.9, 0.0])
    np.testing.assert_allclose(advantages("opo", batch).step, [1 - 2 / 3, 0.9 - 2 / 3, -2 / 3], rtol=1e-12)


def test_grpo_passk__credits_the_lead_of_the_best_episode_to_all_its_steps() -> None:
    # Outcomes 3, 1, 0: mean 4/3, squares (25 + 1 + 16) / 9, std sqrt(42 / 9 / 2).
    batch = make([0, 1, 2, 0], [0.0, 1.0, 0.0, 3.0])
    lead = 2.0 / (math.sqrt(7 / 3) + 1e-6)
    np.testing.assert_allclose(advantages("grpo_passk", batch).step, [lead, 0.0, 0.0, lead], rtol=1e-12)
    centred = advantages("grpo_passk", batch, norm="mean").step
    np.testing.assert_array_equal(centred, [2.0, 0.0, 0.0, 2.0])
    # Over steps the scores 3, 1, 0, 3 have mean 7/4 and squares (25 + 9 + 49 + 25) / 16.
    steps = advantages("grpo_passk", batch, over="steps", eps=0.1).step
    np.testing.assert_allclose(steps[0], 2.0 / (math.sqrt(108 / 16 / 3) + 0.1), rtol=1e-12)


def test_grpo_passk__two_best_episodes_get_nothing() -> None:
    batch = make([0, 1, 2, 3, 4], [0.7, 0.7, 0.1, 0.2, 0.5], group=[0, 0, 0, 1, 1])
    step = advantages("grpo_passk", batch, norm="mean").step
    np.testing.assert_allclose(step, [0.0, 0.0, 0.0, 0.0, 0.3], rtol=0, atol=1e-12)
    noise = make([0, 1], [0.7, 0.7 + 1e-12])
    np.testing.assert_array_equal(advantages("grpo_passk", noise).step, [0.0, 0.0])
    penalised = make([0, 0, 1], [0.0] * 3, outcome=[1.0, 0.9, 1.0])
    np.testing.assert_array_equal(advantages("grpo_passk", penalised).step, [0.0, 0.0, 0.0])


def test_grpo_passk__a_group_of_one_and_an_unknown_norm_are_errors() -> None:
    with pytest.raises(ArgumentError, match="group 7 has one"):
        advantages("grpo_passk", make([0, 1, 2], [1.0, 0.0, 1.0], group=[3, 3, 7]))
    with pytest.raises(ArgumentError, match="'none'"):
        advantages("grpo_passk", make([0, 1], [1.0, 0.0]), norm="none")


def test_dr_mas__normalises_among_the_steps_of_one_agent() -> None:
    batch = make([0, 0, 1, 1], [0.0] * 4, outcome=[1.0, 9.0, 0.0, 5.0], agent=[0, 1, 0, 1])
    solo = 0.5 / (math.sqrt(0.5) + 1e-6)
    duo = 2.0 / (math.sqrt(8.0) + 1e-6)
    np.testing.assert_allclose(advantages("dr_mas", batch).step, [solo, duo, -solo, -duo], rtol=1e-12)


def test_dr_mas__without_agents_an_episode_scores_the_mean_of_its_steps() -> None:
    batch = make([0, 0, 1, 1], [0.0] * 4, outcome=[1.0, 9.0, 0.0, 5.0], agent=[0, 1, 0, 1])
    lead = 1.25 / (math.sqrt(3.125) + 1e-6)  # means 5 and 2.5
    step = advantages("dr_mas", batch, by_agent=False).step
    np.testing.assert_allclose(step, [lead, lead, -lead, -lead], rtol=1e-12)


def test_r3l__amplifies_leads_and_gives_successes_one() -> None:
    partial = make([0, 1, 2], [0.6, 0.2, 0.1])
    np.testing.assert_allclose(advantages("r3l", partial).step, [0.9, -0.1, -0.2], atol=1e-12)
    mixed = make([0, 1, 2], [1.0, 0.5, 0.0])
    np.testing.assert_allclose(advantages("r3l", mixed, alpha=2.0).step, [1.0, 0.0, -0.5], atol=1e-12)
    np.testing.assert_array_equal(advantages("r3l", make([0, 1], [1.0, 1.0])).step, [1.0, 1.0])
    np.testing.assert_array_equal(advantages("r3l", make([0], [-2.0])).step, [-2.0])


def test_seeupo__standardises_over_the_batch_and_clamps() -> None:
    # Centred: 1, -1 and 4, -4; mean 0, std sqrt(34 / 3).
    batch = make([0, 1, 2, 3], [3.0, 1.0, 9.0, 1.0], group=[0, 0, 1, 1])
    scale = math.sqrt(34 / 3)
    expected = np.array([1.0, -1.0, 4.0, -4.0]) / scale
    np.testing.assert_allclose(advantages("seeupo", batch).step, expected, rtol=1e-12)
    clamped = advantages("seeupo", batch, clip=0.5).step
    np.testing.assert_allclose(clamped, [1 / scale, -1 / scale, 0.5, -0.5], rtol=1e-12)
    with pytest.raises(ArgumentError, match="clip"):
        advantages("seeupo", batch, clip=0.0)


def test_seeupo__counts_steps_or_episodes() -> None:
    # Episode 0 has three steps and scores 1, episode 1 one step and scores 0: means 3/4 and 1/2.
    batch = make([0, 0, 0, 1], [0.0, 0.0, 1.0, 0.0])
    steps = np.array([0.25, 0.25, 0.25, -0.75]) / 0.5
    np.testing.assert_allclose(advantages("seeupo", batch).step, steps, rtol=1e-12)
    episodes = np.array([0.5, 0.5, 0.5, -0.5]) / math.sqrt(0.5)
    np.testing.assert_allclose(advantages("seeupo", batch, over="episodes").step, episodes, rtol=1e-12)


def test_seeupo__without_variance_in_the_batch_is_not_standardised() -> None:
    alone = make([0, 1], [0.7, 0.7], group=[0, 1])
    np.testing.assert_array_equal(advantages("seeupo", alone).step, [0.7, 0.7])
    np.testing.assert_array_equal(advantages("seeupo", make([0], [0.7])).step, [0.7])


def test_seeupo_ratio__clips_each_turn_and_the_product() -> None:
    # Step 0 has two tokens, step 1 none, step 2 one. Ratios of the turns: 1.5 and 1.5; 1; 0.1 (to 0.5), 1.8.
    log = math.log
    first = [log(1.5) + 0.2, log(1.5) - 0.2, log(0.1)]
    second = [log(1.5), log(1.5), log(1.8)]
    got = seeupo_ratio([0.0] * 3, [first, second], [0, 2, 2, 3], clip=0.5)
    np.testing.assert_allclose(got.per_turn, [[1.5, 1.0, 0.5], [1.5, 1.0, 0.75]], rtol=1e-12)
    np.testing.assert_array_equal(got.step, got.per_turn[-1])
    resumed = seeupo_ratio([0.0] * 3, [second], [0, 2, 2, 3], clip=0.5, ratio=got.per_turn[0])
    np.testing.assert_array_equal(resumed.step, got.step)


def test_seeupo_ratio__wrong_shapes_and_clips_are_errors() -> None:
    with pytest.raises(ShapeError, match="shapes"):
        seeupo_ratio([0.0, 0.0], [[0.0]], [0, 2])
    with pytest.raises(ShapeError, match="offsets end at 1"):
        seeupo_ratio([0.0, 0.0], [[0.0, 0.0]], [0, 1])
    with pytest.raises(ArgumentError, match="clip"):
        seeupo_ratio([0.0], [[0.0]], [0, 1], clip=-0.1)


def test_reinforce_pp_baseline__long_responses_weigh_more() -> None:
    # Centred 0.5 on one token and -0.5 on three: mean -0.25, std sqrt((0.75^2 + 3 * 0.25^2) / 3) = 0.5.
    batch = make([0, 1], [1.0, 0.0], token_offsets=[0, 1, 4])
    got = advantages("reinforce_pp_baseline", batch)
    np.testing.assert_allclose(got.token, [1.5, -0.5, -0.5, -0.5], atol=1e-7)
    np.testing.assert_allclose(got.step, [1.5, -0.5], atol=1e-7)


def test_reinforce_pp_baseline__untrained_tokens_do_not_count() -> None:
    batch = make([0, 1, 1], [1.0, 0.0, 0.0], token_offsets=[0, 1, 4, 4])
    masked = batch.with_columns(token_mask=[True, False, True, False])
    got = advantages("reinforce_pp_baseline", masked)
    np.testing.assert_allclose(got.token, np.array([1.0, 0.0, -1.0, 0.0]) / math.sqrt(2), atol=1e-7)
    np.testing.assert_allclose(got.step, np.array([1.0, -1.0, 0.0]) / math.sqrt(2), atol=1e-7)
