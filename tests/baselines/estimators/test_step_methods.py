"""Worked examples by hand: methods that score steps, and nodes of trees."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agentgym import StepBatch
from agentgym.errors import ArgumentError, MissingColumnError, UnknownNameError
from baselines.estimators import advantages
from tests.baselines.estimators.batches import make


def test_hgpo__two_history_lengths_by_hand() -> None:
    # Episodes A B, A B, C B with outcomes 1, 0, 0. One state: A +-1/2, B 2/3, -1/3, -1/3, C alone.
    # Two states: A B +-1/2, C B alone.
    batch = make([0, 1, 2] * 2, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0], state=["A", "A", "C", "B", "B", "B"])
    keywords = {"gamma": 1.0, "history": 1, "norm": "mean"}
    expected = [
        0.5 / (1 + 1e-6),
        -0.5 / (1 + 1e-6),
        0.0,
        (2 / 3 + 2 * 0.5) / (3 + 1e-6),
        (-1 / 3 - 2 * 0.5) / (3 + 1e-6),
        -1 / 3 / (1 + 1e-6),
    ]
    np.testing.assert_allclose(advantages("hgpo", batch, **keywords).step, expected, rtol=1e-12)
    longer = advantages("hgpo", batch, **{**keywords, "history": 8}).step
    np.testing.assert_array_equal(longer, advantages("hgpo", batch, **keywords).step)
    released = advantages("hgpo", batch, weight_offset=1, base_group=True, **keywords).step
    np.testing.assert_allclose(released[2], -1 / 3 / (1 + 1e-6), rtol=1e-12)
    np.testing.assert_allclose(released[3], (2 / 3 + 2 * 2 / 3 + 3 * 0.5) / (6 + 1e-6), rtol=1e-12)


def test_hgpo__a_term_of_zero_is_left_out_of_the_weights() -> None:
    # B's returns-to-go are 0, 1, 2: the middle one has no advantage and counts with no weight.
    batch = make([0, 1, 2], [0.0, 1.0, 2.0], state=["B"] * 3)
    step = advantages("hgpo", batch, norm="mean", base_group=True, weight_offset=1).step
    np.testing.assert_allclose(step, np.array([-3.0, 0.0, 3.0]) / (3 + 1e-6), rtol=1e-12)


def test_hgpo__the_base_group_of_one_keeps_its_score_and_none_drops_cells_of_one() -> None:
    batch = make([0], [4.0], state=["A"])
    step = advantages("hgpo", batch, norm="mean", base_group=True, weight_offset=1).step
    np.testing.assert_allclose(step, [4.0 / (1 + 1e-6)], rtol=1e-12)
    np.testing.assert_array_equal(advantages("hgpo", batch, norm="none").step, [0.0])


@pytest.mark.parametrize(
    "keywords",
    [{"history": -1}, {"weight_offset": -1}, {"alpha": -1.0, "base_group": True}, {"norm": "std"}],
)
def test_hgpo__values_that_cannot_be_used_are_errors(keywords: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        advantages("hgpo", make([0, 1], [0.0, 1.0]), **keywords)


def walk() -> StepBatch:
    """Two episodes go from A to B alike; then one goes on and wins, the other stops and loses."""
    return make(
        [0, 1, 0, 1],
        [0.0, 0.0, 1.0, 0.0],
        state=["A", "A", "B", "B"],
        action=["go", "go", "go", "stop"],
    )


def test_salt__a_shared_step_gets_the_mean_and_others_keep_their_own() -> None:
    np.testing.assert_array_equal(advantages("salt", walk(), norm="mean").step, [0.0, 0.0, 0.5, -0.5])
    apart = walk().with_columns(state=["A", "A", "B", "C"])  # the same step leads elsewhere
    np.testing.assert_array_equal(advantages("salt", apart, norm="mean").step, [0.5, -0.5, 0.5, -0.5])
    other_group = walk().with_columns(group=[0, 1, 0, 1])
    np.testing.assert_array_equal(advantages("salt", other_group, base="rloo").step, [1.0, 0.0, 1.0, 0.0])


def test_salt__histories_must_agree_as_far_back_as_asked() -> None:
    batch = make([0, 1, 0, 1], [0.0, 0.0, 1.0, 0.0], state=["X", "Y", "A", "A"])
    np.testing.assert_array_equal(advantages("salt", batch, norm="mean").step, [0.5, -0.5, 0.0, 0.0])
    longer = advantages("salt", batch, norm="mean", history=1).step
    np.testing.assert_array_equal(longer, [0.5, -0.5, 0.5, -0.5])
    np.testing.assert_array_equal(advantages("salt", batch, norm="mean", history=9).step, longer)
    further = make([0, 1] * 3, [0.0] * 4 + [1.0, 0.0], state=["X", "Y", "A", "A", "B", "B"])
    for history, last in ((1, [0.0, 0.0]), (2, [0.5, -0.5])):
        step = advantages("salt", further, norm="mean", history=history).step
        np.testing.assert_array_equal(step[4:], last)
    # Near the start of an episode the missing states are alike too.
    alike = advantages("salt", walk(), norm="mean", history=3).step
    np.testing.assert_array_equal(alike, [0.0, 0.0, 0.5, -0.5])


def test_salt__base_and_keywords_must_exist() -> None:
    with pytest.raises(UnknownNameError, match="rloo"):
        advantages("salt", walk(), base="rlo")
    with pytest.raises(UnknownNameError, match="norms"):
        advantages("salt", walk(), norms="mean")
    with pytest.raises(MissingColumnError, match=r"empg needs the column 'entropy'"):
        advantages("salt", walk(), base="empg")
    with pytest.raises(ArgumentError, match="history"):
        advantages("salt", walk(), history=-1)


def test_empg__three_steps_by_hand() -> None:
    # Entropies 0, 1 and 0; with k = ln 2 the scales are 1, 1/2, 1 over their mean 5/6. The first step's bonus
    # is exp(-ln 4) = 1/4 times 0.4. Then 0.6 + 0.1, 0.3, -0.6 less their mean 0.4 / 3.
    batch = make([0, 0, 1], [0.0, 1.0, 0.0], tokens=2, entropy=[0.0, 0.0, 0.5, 1.5, 0.0, 0.0])
    step = advantages("empg", batch, k=math.log(2), k_future=math.log(4), zeta=0.4, norm="mean").step
    np.testing.assert_allclose(step, np.array([1.7, 0.5, -2.2]) / 3, atol=1e-7)


def test_empg__untrained_tokens_have_no_entropy_and_keywords_go_to_the_base() -> None:
    batch = make([0, 0, 1], [0.0, 1.0, 0.0], tokens=2, entropy=[0.0, 0.0, 0.5, 1.5, 0.0, 0.0])
    longer = make(
        [0, 0, 1],
        [0.0, 1.0, 0.0],
        tokens=3,
        entropy=[0.0, 9.0, 0.0, 0.5, 9.0, 1.5, 0.0, 9.0, 0.0],
        token_mask=[True, False, True] * 3,
    )
    np.testing.assert_array_equal(advantages("empg", longer).step, advantages("empg", batch).step)
    with pytest.raises(UnknownNameError, match="gamma"):
        advantages("empg", batch, gamma=0.9)
    advantages("empg", batch.with_columns(state=["A"] * 3), base="gigpo", gamma=0.9)


def test_istar__adds_the_advantage_of_the_scaled_process_reward() -> None:
    batch = make([0, 1], [1.0, 0.0], process_reward=[2.0, -2.0])
    step = advantages("istar", batch, step_weight=0.5).step
    np.testing.assert_allclose(step, [2.0, -2.0], rtol=1e-6)  # 1 + 0.5 * (1 - -1)
    punished = batch.with_columns(process_reward=[1.0, -2.0])
    step = advantages("istar", punished, combine="process").step
    np.testing.assert_allclose(step, [1.5, -1.5], rtol=1e-6)
    raw = advantages("istar", batch, step_weight=0.5, process_norm="none").step
    np.testing.assert_array_equal(raw, [3.0, -3.0])
    alone = advantages("istar", batch, combine="process", process_norm="none").step
    np.testing.assert_array_equal(alone, [4.0, -4.0])
    both = advantages("istar", batch, combine="sum", process_norm="none", step_weight=0.5).step
    np.testing.assert_array_equal(both, [3.0, -3.0])


def test_istar__compares_a_step_with_all_steps_or_with_first_steps() -> None:
    batch = make([0, 0, 1, 1], [0.0] * 4, process_reward=[1.0, 3.0, -1.0, 1.0])
    keywords = {"combine": "process", "process_norm": "none"}
    every = advantages("istar", batch, **keywords).step  # mean 1, four steps
    np.testing.assert_allclose(every, np.array([0.0, 2.0, -2.0, 0.0]) * 4 / 3, rtol=1e-12)
    first = advantages("istar", batch, process_over="first_step", **keywords).step  # mean 0, two steps
    np.testing.assert_allclose(first, np.array([1.0, 3.0, -1.0, 1.0]) * 2, rtol=1e-12)


def test_istar__keywords_reach_the_base_that_has_them() -> None:
    batch = make([0, 1], [1.0, 0.0], process_reward=[0.0, 0.0], tokens=2)
    scaled = advantages("istar", batch, base="grpo", norm="mean_std", eps=0.5, ddof=0).step
    np.testing.assert_allclose(scaled, [0.5, -0.5], rtol=1e-12)
    np.testing.assert_array_equal(advantages("istar", batch, norm="mean_std", eps=0.5).step, [1.0, -1.0])
    whitened = advantages("istar", batch, base="reinforce_pp_baseline")
    np.testing.assert_allclose(whitened.token, np.array([1, 1, -1, -1]) * math.sqrt(0.75), atol=1e-7)
    with pytest.raises(UnknownNameError, match="ddof"):
        advantages("istar", batch, ddof=0)
    with pytest.raises(ArgumentError, match="'gigpo'"):
        advantages("istar", batch, base="gigpo")
    for wrong in ("process_norm", "process_over", "combine"):
        with pytest.raises(ArgumentError, match=wrong):
            advantages("istar", batch, **{wrong: "both"})


def game() -> StepBatch:
    """Player 0 plays episodes 0 and 2 and gets 1, 1 and 1/2, 0; player 1 loses twice alike."""
    return make(
        [0, 0, 1, 1, 2, 2],
        [1.0, 1.0, -1.0, -1.0, 0.5, 0.0],
        agent=[0, 0, 1, 1, 0, 0],
        token_offsets=[0, 3, 4, 6, 8, 11, 14],
    )


def test_mars__centres_rewards_and_returns_by_player() -> None:
    # Player 0: rewards less 0.625 are 0.375, 0.375, -0.125, -0.625; returns 0.75, 0.375, -0.75, -0.625, whose
    # mean is -0.0625; with 0 as a fifth value it is -0.05.
    keywords = {"whiten_rewards": "none", "whiten_advantages": "none"}
    steps = advantages("mars", game(), **keywords).step
    np.testing.assert_allclose(steps, [0.8125, 0.4375, 0.0, 0.0, -0.6875, -0.5625], rtol=1e-12)
    released = advantages("mars", game(), unique="released", **keywords)
    np.testing.assert_allclose(released.step, [0.8, 0.425, 0.0, 0.0, -0.7, -0.575], rtol=1e-12)
    np.testing.assert_allclose(released.token[:4], [0.8, 0.8, 0.8, 0.425], rtol=1e-12)
    clamped = advantages("mars", game(), clip=0.5, **keywords).step
    np.testing.assert_allclose(clamped, [0.5, 0.4375, 0.0, 0.0, -0.5, -0.5], rtol=1e-12)


def test_mars__mean_std_divides_by_the_players_deviations() -> None:
    batch = make([0, 1], [3.0, 1.0])
    keywords = {"whiten_rewards": "none", "whiten_advantages": "none", "eps": 0.5}
    root = math.sqrt(2)
    rewards = advantages("mars", batch, reward_norm="mean_std", advantage_norm="none", **keywords).step
    np.testing.assert_allclose(rewards, np.array([1, -1]) / (root + 0.5), rtol=1e-12)
    both = advantages("mars", batch, reward_norm="none", advantage_norm="mean_std", **keywords).step
    np.testing.assert_allclose(both, np.array([1, -1]) / (root + 0.5), rtol=1e-12)
    tiny = make([0, 1], [1.0, 1.0 + 1e-6])
    assert not advantages("mars", tiny, reward_norm="mean_std", **keywords).token.any()


def test_mars__whitened_rewards_put_an_offset_on_every_token() -> None:
    # Rewards 1, -1 on the last of 1 and of 3 tokens: mean 0, std sqrt(2 / 3) over the four tokens.
    batch = make([0, 1], [1.0, -1.0], token_offsets=[0, 1, 4])
    whitened = advantages("mars", batch, advantage_norm="none", whiten_advantages="none").token
    np.testing.assert_allclose(whitened, np.array([1, -1, -1, -1]) / math.sqrt(2 / 3), atol=1e-7)
    longer = make([0, 1], [2.0, 0.0], token_offsets=[0, 1, 4])  # no centring: 2 is not balanced, so 0 shifts
    kept = advantages("mars", longer, reward_norm="none", advantage_norm="none", whiten_advantages="none")
    np.testing.assert_allclose(kept.token, [1.5, -1.5, -1.0, -0.5], atol=1e-7)


def test_mars__discounts_over_tokens_and_untrained_ones_get_nothing() -> None:
    batch = make([0, 0], [0.0, 4.0], tokens=2, token_mask=[True, True, False, True])
    keywords = {"whiten_rewards": "none", "whiten_advantages": "none", "reward_norm": "none"}
    got = advantages("mars", batch, gamma=0.5, advantage_norm="none", **keywords)
    np.testing.assert_array_equal(got.token, [0.5, 1.0, 0.0, 4.0])
    np.testing.assert_array_equal(got.step, [0.75, 4.0])


def test_mars__the_reward_of_a_step_without_tokens_goes_to_the_token_before() -> None:
    batch = make([0, 0, 0, 1], [1.0, 2.0, 4.0, 7.0], token_offsets=[0, 2, 2, 2, 3])
    keywords = {"whiten_rewards": "none", "whiten_advantages": "none", "reward_norm": "none"}
    got = advantages("mars", batch, advantage_norm="none", **keywords)
    np.testing.assert_array_equal(got.token, [7.0, 7.0, 7.0])
    np.testing.assert_array_equal(got.step, [7.0, 0.0, 0.0, 7.0])
    lower = batch.with_columns(reward=[1.0, 2.0, 4.0, 3.0])  # empty steps have no value among the player's
    np.testing.assert_array_equal(advantages("mars", lower, **keywords).token, [2.0, 2.0, -2.0])


@pytest.mark.parametrize(
    "keyword",
    [
        {"whiten_rewards": "steps"},
        {"whiten_advantages": "all"},
        {"reward_norm": "std"},
        {"advantage_norm": "std"},
        {"unique": "no"},
        {"clip": 0.0},
    ],
)
def test_mars__values_that_cannot_be_used_are_errors(keyword: dict[str, object]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(keyword))):
        advantages("mars", game(), **keyword)


def tree() -> StepBatch:
    """Two generators with two verifiers with two refiners each; of these 1 1, 1 0, 0 0, 1 0 are correct."""
    parent = [-1, -1, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    correct = [0.0] * 6 + [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    return make(
        [0, 4, 0, 2, 4, 6, 0, 1, 2, 3, 4, 5, 6, 7],
        [0.0] * 14,
        outcome=correct,
        parent=parent,
        agent=[0, 0, 1, 1, 1, 1] + [2] * 8,
    )


def test_malt__labels_nodes_against_their_siblings() -> None:
    got = advantages("malt", tree())
    np.testing.assert_array_equal(got.value[:6], [0.75, 0.25, 1.0, 0.5, 0.0, 0.5])
    np.testing.assert_array_equal(got.step, [1, -1, 1, -1, 0, 0, 0, 0, 1, -1, 0, 0, 1, -1])
    np.testing.assert_array_equal(got.pairs, [[0, 1], [2, 3], [8, 9], [12, 13]])
    assert got.positive.tolist() == [value > 0.5 for value in got.value]
    assert got.token is None
    np.testing.assert_array_equal(advantages("malt", tree(), threshold=0.4).step[2:6], [0, 0, -1, 1])


def test_malt__lists_every_pair_of_siblings_of_one_agent() -> None:
    outcome = [1.0, 0.0, 1.0, 0.0, 0.0]
    batch = make([0, 1, 2, 3, 4], outcome, parent=[-1] * 5, agent=[0, 0, 0, 0, 1])
    got = advantages("malt", batch)
    np.testing.assert_array_equal(got.pairs, [[0, 1], [0, 3], [2, 1], [2, 3]])
    np.testing.assert_array_equal(got.step, [1, -1, 1, -1, 0])
    apart = batch.with_columns(group=[0, 1, 2, 3, 4])
    assert advantages("malt", apart).pairs.shape == (0, 2)
    with pytest.raises(MissingColumnError, match="'parent'"):
        advantages("malt", make([0], [0.0]))
