from __future__ import annotations

from difflib import SequenceMatcher

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentgym.errors import ArgumentError, ShapeError
from baselines.estimators import recursions
from baselines.estimators.primitives import (
    backward_scan,
    bounded,
    broadcast,
    cluster_states,
    codes,
    first_rows,
    group_norm,
    group_stats,
    last_rows,
    last_tokens,
    leave_one_out,
    node_depth,
    on_last_tokens,
    pair,
    previous_rows,
    return_to_go,
    segment_gae,
    time_order,
    token_count,
    token_mean,
    token_sum,
    tree_values,
    whiten,
)
from tests.baselines.estimators.batches import make

FLOATS = st.floats(-10, 10)
ROWS = st.lists(st.tuples(st.integers(-2, 3), FLOATS, FLOATS, FLOATS, st.booleans()), min_size=1, max_size=30)


def test_codes__number_tuples_in_order_of_first_appearance() -> None:
    assert codes([7, 3, 7, -1]).tolist() == [0, 1, 0, 2]
    assert codes([1, 1, 0, 1], ["b", "a", "b", "b"]).tolist() == [0, 1, 2, 0]
    assert codes(np.array(["x", "y", "x"])).tolist() == [0, 1, 0]
    assert codes(["1", "11"], ["11", "1"]).tolist() == [0, 1]
    with pytest.raises(ShapeError, match="shapes"):
        codes([1, 2], [1])
    with pytest.raises(ShapeError, match="at least one"):
        codes()


@given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from("abc"), st.integers(0, 2)), max_size=30))
def test_codes__agree_with_a_dictionary(rows: list[tuple[int, str, int]]) -> None:
    table: dict[tuple[int, str, int], int] = {}
    expected = [table.setdefault(row, len(table)) for row in rows]
    columns = [[row[k] for row in rows] for k in range(3)]
    assert (
        codes(*(np.array(c, object if k == 1 else np.int64) for k, c in enumerate(columns))).tolist()
        == expected
    )


def test_first_and_last_rows__mark_one_row_of_each_episode() -> None:
    episode = [5, 2, 5, 2, 9]
    assert first_rows(episode).tolist() == [True, True, False, False, True]
    assert last_rows(episode).tolist() == [False, False, True, True, True]


def test_group_stats__count_only_the_rows_in_where() -> None:
    where = np.array([True, False, True, True, False])
    n, mean, std = group_stats([1.0, 50.0, 3.0, 7.0, 9.0], [0, 0, 0, 1, 2], where)
    assert n.tolist() == [2, 2, 2, 1, 0]
    assert mean.tolist() == [2.0, 2.0, 2.0, 7.0, 0.0]
    np.testing.assert_allclose(std, [np.sqrt(2)] * 3 + [0.0, 0.0])
    np.testing.assert_allclose(group_stats([1.0, 3.0], [0, 0], ddof=0).std, 1.0)
    with pytest.raises(ShapeError, match="shape"):
        group_stats([1.0], [0, 0])


def test_group_stats__the_mean_of_equal_values_is_that_value() -> None:
    n, mean, std = group_stats([0.1] * 10, [0] * 10)
    assert np.bincount([0] * 10, [0.1] * 10)[0] / 10 != 0.1  # as plain arithmetic has it
    assert (n == 10).all()
    assert (mean == 0.1).all()
    assert (std == 0.0).all()
    noise = group_stats([0.1, 0.1 + 1e-12, 5.0, 5.0 - 1e-9], [0, 0, 1, 1])
    assert (noise.std == 0.0).all()
    assert noise.mean.tolist() == [0.1 + 1e-12, 0.1 + 1e-12, 5.0, 5.0]


@pytest.mark.parametrize("value", [0.1, 0.7, -1e7 / 3, 1e-12])
def test_group_norm__equal_values_give_exactly_zero(value: float) -> None:
    x = np.full(10, value) * (1 + 1e-11 * np.arange(10))
    assert not group_norm(x, np.zeros(10, np.int64)).any()
    assert not group_norm(x, np.zeros(10, np.int64), "mean").any()
    assert not leave_one_out(x, np.zeros(10, np.int64)).any()


def test_group_norm__without_variance_all_rows_of_the_group_get_zero() -> None:
    where = np.array([True, False, True])
    assert not group_norm([1.0, 5.0, 1.0], [0, 0, 0], where=where).any()
    assert group_norm([1.0, 5.0, 1.0], [0, 0, 0], "mean", where).tolist() == [0.0, 4.0, 0.0]


def test_group_norm__a_deviation_that_is_noise_is_snapped_to_zero() -> None:
    x = np.array([1.0, 2.0, 3.0 - 1e-10])
    assert group_norm(x, [0, 0, 0], "mean")[1] == 0.0
    assert group_norm(x, [0, 0, 0])[1] == 0.0
    assert leave_one_out(x, [0, 0, 0])[1] == 0.0


def test_group_norm__too_few_rows_for_ddof_count_as_one() -> None:
    assert group_norm([1.0, 3.0], [0, 0], ddof=2, single="zero").tolist() == [0.0, 0.0]
    np.testing.assert_allclose(group_norm([1.0, 3.0], [0, 0], ddof=2, eps=1.0), [0.5, 1.5])
    assert group_norm([1.0, 3.0], [0, 0], "mean", ddof=2).tolist() == [-1.0, 1.0]


def test_group_norm__none_leaves_the_values() -> None:
    assert group_norm([1.0, 3.0], [0, 1], "none", single="zero").tolist() == [1.0, 3.0]


def test_return_to_go__is_exact_where_powers_of_gamma_vanish() -> None:
    steps = 3000
    reward = np.zeros(steps)
    reward[-1] = reward[5] = 1.0
    got = return_to_go(reward, np.zeros(steps, np.int64), 0.5)
    assert got[0] == 0.5**5
    assert got[-3] == 0.25
    assert return_to_go([1.0, 2.0], [0, 0], 0.0).tolist() == [1.0, 2.0]


@given(ROWS)
def test_segment_gae__agrees_with_the_recursion_row_by_row(
    rows: list[tuple[int, float, float, float, bool]],
) -> None:
    segment, reward, value, next_value, going = map(list, zip(*rows, strict=True))
    expected, after = np.zeros(len(rows)), dict.fromkeys(segment, 0.0)
    for t in reversed(range(len(rows))):
        delta = reward[t] + 0.9 * next_value[t] * going[t] - value[t]
        after[segment[t]] = expected[t] = delta + 0.9 * 0.8 * going[t] * after[segment[t]]
    got = segment_gae(reward, value, next_value, going, segment, 0.9, 0.8)
    np.testing.assert_allclose(got, expected, atol=1e-9)
    assert backward_scan(reward, 0.0, segment).tolist() == reward


def test_backward_scan__takes_a_decay_for_each_row_and_checks_lengths() -> None:
    assert backward_scan([1.0, 1.0, 1.0], [2.0, 0.0, 5.0], [0, 0, 0]).tolist() == [3.0, 1.0, 1.0]
    assert backward_scan([], 1.0, []).tolist() == []
    for x, decay, segment in (([1.0], [1.0, 1.0], [0]), ([1.0], 1.0, [0, 0]), ([[1.0]], 1.0, [[0]])):
        with pytest.raises(ShapeError, match="one number for each row"):
            backward_scan(x, decay, segment)


def test_whiten__standardises_under_the_mask() -> None:
    x, mask = [1.0, 99.0, 3.0, 5.0], [True, False, True, True]
    np.testing.assert_allclose(whiten(x, mask), [-1.0, 0.0, 0.0, 1.0], atol=1e-7)
    np.testing.assert_allclose(whiten(x, mask, shift=False), [2.0, 0.0, 3.0, 4.0], atol=1e-6)
    assert whiten([0.1] * 10).tolist() == [0.0] * 10
    with pytest.raises(ArgumentError, match="at least 2"):
        whiten(x, [False, True, False, False])
    with pytest.raises(ShapeError, match="shape"):
        whiten(x, mask[:2])


def test_tokens_and_steps__pass_the_mask_both_ways() -> None:
    mask = [True, False, True, True]
    batch = make([0, 0, 0], [0.0] * 3, token_offsets=[0, 2, 2, 4], token_mask=mask)
    assert broadcast([1.0, 2.0, 3.0], batch).tolist() == [1.0, 0.0, 3.0, 3.0]
    assert token_sum([1.0, 10.0, 2.0, 4.0], batch).tolist() == [1.0, 0.0, 6.0]
    assert token_mean([1.0, 10.0, 2.0, 4.0], batch).tolist() == [1.0, 0.0, 3.0]


@given(st.lists(st.tuples(st.integers(0, 1), st.text("ab ", max_size=8)), max_size=12), st.floats(0.05, 0.95))
def test_cluster_states__agrees_with_the_plain_first_fit(
    rows: list[tuple[int, str]], threshold: float
) -> None:
    founders: list[tuple[int, str]] = []
    expected = []
    for group, text in rows:
        fitting = (
            label
            for label, (other, first) in enumerate(founders)
            if other == group and SequenceMatcher(None, text, first).ratio() >= threshold
        )
        expected.append(next(fitting, len(founders)))
        if expected[-1] == len(founders):
            founders.append((group, text))
    got = cluster_states(
        np.array([text for _, text in rows], object), [group for group, _ in rows], threshold
    )
    assert got.tolist() == expected


def test_cluster_states__keeps_the_junk_rule_of_long_texts() -> None:
    first, text = "ab" * 150, "ba" * 150  # popular characters of a text of 200 or more are junk
    assert SequenceMatcher(None, text, first, autojunk=False).ratio() > 0.9
    assert cluster_states(np.array([first, text], object), [0, 0], 0.5).tolist() == [0, 1]


def test_bounded__numbers_any_labels_below_twice_their_count() -> None:
    for labels in ([5, 3, 5], [10**15, -(10**15), 10**15], [2**62, 0, 2**62]):
        got = bounded(labels)
        assert got[0] == got[2] != got[1]
        assert 0 <= got.min() <= got.max() < 6
    assert bounded(np.array(["b", "a", "b"], object)).tolist() == [0, 1, 0]
    assert bounded([True, False]).tolist() == [1, 0]
    assert bounded([]).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 50)), min_size=1, max_size=30))
def test_pair__is_equal_where_both_are(rows: list[tuple[int, int]]) -> None:
    got = pair(*(np.array(column, np.int64) for column in zip(*rows, strict=True))).tolist()
    assert len(set(zip(rows, got, strict=True))) == len(set(rows)) == len(set(got))


def test_previous_rows__look_back_within_the_episode() -> None:
    assert previous_rows([7, 3, 7, 3, 3, 9]).tolist() == [-1, -1, 0, 1, 3, -1]
    assert previous_rows([0, 0, 1, 1]).tolist() == [-1, 0, -1, 2]
    assert time_order([0, 0, 4]) is None
    order = time_order([4, 0, 4, 0])
    assert order is not None
    assert order.tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize("block", [1, 2, 5])
def test_backward_scan__does_not_depend_on_how_segments_are_cut_into_blocks(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(block)
    segment, x, decay = rng.integers(0, 12, 100), rng.normal(size=100), rng.random(100)
    whole = backward_scan(x, decay, segment)
    monkeypatch.setattr(recursions, "_BLOCK", block)
    np.testing.assert_array_equal(backward_scan(x, decay, segment), whole)


def test_last_tokens__skip_untrained_tokens_and_empty_steps() -> None:
    batch = make([0, 0, 0, 1], [0.0] * 4, token_offsets=[0, 2, 2, 4, 5])
    assert [array.tolist() for array in last_tokens(batch)] == [[1, 3, 4], [0, 2, 3]]
    masked = batch.with_columns(token_mask=[True, False, False, False, True])
    assert [array.tolist() for array in last_tokens(masked)] == [[0, 4], [0, 3]]
    nothing = batch.with_columns(token_mask=[False] * 5)
    assert [array.tolist() for array in last_tokens(nothing)] == [[], []]
    assert token_count(masked).tolist() == [1.0, 0.0, 0.0, 1.0]


def test_on_last_tokens__an_empty_step_adds_to_the_token_before_it() -> None:
    batch = make([0, 1, 0, 1, 0], [0.0] * 5, token_offsets=[0, 2, 2, 2, 3, 4])
    assert on_last_tokens([1.0, 2.0, 4.0, 8.0, 16.0], batch).tolist() == [0.0, 5.0, 8.0, 16.0]
    full = make([0, 0], [0.0] * 2, tokens=2)
    assert on_last_tokens([1.0, 2.0], full).tolist() == [0.0, 1.0, 0.0, 2.0]


def test_tree_values__are_means_over_children_and_leaves_their_own() -> None:
    parent = np.array([-1, 0, 0, 2, 2, -1])
    assert node_depth(parent).tolist() == [0, 1, 1, 2, 2, 0]
    assert tree_values(parent, np.array([9.0, 1.0, 9.0, 0.0, 4.0, 7.0])).tolist() == [
        1.5,
        1.0,
        2.0,
        0.0,
        4.0,
        7.0,
    ]
    chain = np.append(np.arange(1, 1000), -1)  # row 999 is the top, row 0 the leaf
    assert node_depth(chain).tolist() == list(range(999, -1, -1))
    assert set(tree_values(chain, np.arange(5.0, 1005.0))) == {5.0}
