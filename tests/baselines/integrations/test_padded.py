"""Padded tensors to steps and back: by hand, and by the golden cases of every estimator."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agentgym import StepBatch
from agentgym.errors import MissingColumnError, ShapeError
from baselines.estimators import make_estimator, names
from baselines.estimators.primitives import broadcast
from baselines.integrations.padded import TurnLayout, credit_tokens, from_padded
from baselines.integrations.verl.data import from_data_proto, to_data_proto
from tests.baselines.golden import Case, cases

_MASK = [[0, 1, 1, 0, 1, 0], [1, 0, 1, 1, 0, 0]]


def test_layout__turns_are_runs_of_the_mask() -> None:
    layout = TurnLayout.of(_MASK)
    assert layout.row.tolist() == [0, 0, 1, 1]
    assert layout.token.tolist() == [1, 2, 4, 6, 8, 9]
    assert layout.offsets.tolist() == [0, 2, 3, 4, 6]


def test_layout__turn_numbers_tell_touching_turns_apart_and_hold_untrained_tokens() -> None:
    layout = TurnLayout.of([[1, 1, 0, 1]], [[1, 2, 2, 2]])
    assert layout.offsets.tolist() == [0, 1, 4]
    padded = from_padded(layout, np.zeros((1, 4)), ["a"])
    assert padded.batch.trained.tolist() == [True, True, False, True]


def test_from_padded__a_reward_belongs_to_the_turn_before_and_makes_no_turn() -> None:
    reward = [[9.0, 0, 0, 2.0, 0, 0], [0, 0.5, 0, 0, 0, 4.0]]
    batch = from_padded(TurnLayout.of(_MASK), reward, ["a", "a"]).batch
    assert batch.reward.tolist() == [11.0, 0.0, 0.5, 4.0]
    assert batch.episode.tolist() == [0, 0, 1, 1]
    assert batch.group.tolist() == [0, 0, 0, 0]
    assert batch.terminated.tolist() == [False, True, False, True]


@settings(deadline=None)
@given(st.data())
def test_layout__agrees_with_a_loop(data: st.DataObject) -> None:
    shape = (data.draw(st.integers(1, 5)), data.draw(st.integers(1, 9)))
    number = data.draw(arrays(np.int64, shape, elements=st.integers(0, 2)))
    mask = data.draw(arrays(np.int64, shape, elements=st.integers(0, 1)))
    reward = data.draw(arrays(np.float64, shape, elements=st.integers(-4, 4).map(float)))
    assume(number.any())
    layout = TurnLayout.of(mask, number)
    turns: list[tuple[int, list[int]]] = []
    sums: list[float] = []
    for row in range(shape[0]):
        first, before = len(turns), 0.0
        for column in range(shape[1]):
            here, last = number[row, column], number[row, column - 1] if column else 0
            if here and here != last:
                turns.append((row, []))
                sums.append(0.0)
            if here:
                turns[-1][1].append(row * shape[1] + column)
            if len(turns) == first:
                before += reward[row, column]
            else:
                sums[-1] += reward[row, column]
        if len(turns) > first:
            sums[first] += before
    assert layout.row.tolist() == [row for row, _ in turns]
    assert layout.token.tolist() == [place for _, places in turns for place in places]
    assert np.diff(layout.offsets).tolist() == [len(places) for _, places in turns]
    assert layout.turn_sums("reward", reward).tolist() == sums
    back = layout.scatter(layout.gather("reward", reward))
    assert (back == np.where(number != 0, reward, 0.0)).all()


def test_from_padded__rows_without_a_turn_are_left_out() -> None:
    layout = TurnLayout.of([[0, 0], [1, 0], [0, 0], [0, 1], [0, 0]])
    reward = [[7.0, 7.0], [1.0, 2.0], [7.0, 7.0], [3.0, 4.0], [7.0, 7.0]]
    padded = from_padded(layout, reward, list("xaxax"))
    assert padded.batch.reward.tolist() == [3.0, 7.0]
    credit = credit_tokens(make_estimator("grpo", norm="mean"), padded)
    np.testing.assert_allclose(credit.advantage, [[0, 0], [-2, 0], [0, 0], [0, 2], [0, 0]])


def test_from_padded__rows_of_one_episode_are_its_turns() -> None:
    layout = TurnLayout.of([[1, 1], [1, 0], [1, 0]])
    batch = from_padded(layout, [[0, 1], [2, 0], [4, 0]], ["a"] * 3, episode=["e", "f", "e"]).batch
    assert batch.episode.tolist() == [0, 1, 0]
    assert batch.outcome.tolist() == [5.0, 2.0, 5.0]
    assert batch.terminated.tolist() == [False, True, True]


def test_from_padded__columns_come_per_turn_or_per_row() -> None:
    steps: dict[str, Any] = {"state": [["s", "t"], ["s", "u"]], "task": ["one", "two"]}
    padded = from_padded(TurnLayout.of(_MASK), np.zeros((2, 6)), ["a", "a"], steps=steps)
    assert padded.batch.state.tolist() == ["s", "t", "s", "u"]
    assert padded.batch.task is not None
    assert padded.batch.task.tolist() == ["one", "one", "two", "two"]
    assert padded.unknown == {"action"}


def test_credit__a_method_is_never_given_a_placeholder() -> None:
    padded = from_padded(TurnLayout.of(_MASK), np.ones((2, 6)), ["a", "a"])
    with pytest.raises(MissingColumnError, match="'state'"):
        credit_tokens(make_estimator("gigpo"), padded)
    with pytest.raises(MissingColumnError, match="'action'"):
        credit_tokens(make_estimator("spo_tree"), padded)


def test_layout__says_what_is_wrong() -> None:
    with pytest.raises(ShapeError, match="No row has a turn"):
        TurnLayout.of([[0, 0]])
    with pytest.raises(ShapeError, match="shape"):
        TurnLayout.of([1, 0])
    layout = TurnLayout.of(_MASK)
    with pytest.raises(ShapeError, match="'reward'"):
        layout.turn_sums("reward", np.zeros((2, 5)))
    with pytest.raises(ShapeError, match="3 entries"):
        layout.spread("state", ["a", "b", "c"])
    with pytest.raises(ShapeError, match="2 turns"):
        layout.spread("state", [["a"], ["b", "c"]])


def test_to_data_proto__a_step_without_tokens_cannot_stand_in_a_tensor() -> None:
    columns: dict[str, Any] = {"episode": [0, 0], "group": [0, 0], "reward": [0.0, 1.0], "state": ["s", "t"]}
    flags = {"terminated": [False, True], "truncated": [False] * 2, "valid": [True] * 2, "agent": [0, 0]}
    batch = StepBatch.from_columns(**columns, **flags, action=["a", "b"], token_offsets=[0, 2, 2])
    with pytest.raises(ShapeError, match="Step 1 has no token"):
        to_data_proto(batch)


@pytest.mark.parametrize("rows", ["episodes", "turns"])
@pytest.mark.parametrize("case", cases(lambda method: method in names()))
def test_data_proto__golden_numbers_come_back_through_tensors(
    case: Case, rows: Literal["episodes", "turns"]
) -> None:
    batch = StepBatch.from_columns(**case["columns"])
    told = to_data_proto(batch, rows=rows)
    source = to_data_proto(batch.with_columns(token_id=np.arange(batch.tokens)), rows=rows).batch["responses"]
    data = SimpleNamespace(batch=told.batch, non_tensor_batch=told.non_tensor_batch)
    padded = from_data_proto(data)
    if batch.parent is not None:  # the one column that a `DataProto` has no place for
        padded = padded._replace(batch=padded.batch.with_columns(parent=batch.parent))
    credit = credit_tokens(make_estimator(case["method"], **case["kwargs"]), padded)
    expected = case["expected"]
    token = expected["token"] if "token" in expected else broadcast(np.array(expected["step"]), batch)
    here = padded.layout.token
    got = np.zeros(batch.tokens)
    got[source.ravel()[here]] = credit.advantage.ravel()[here]
    np.testing.assert_allclose(got, token, rtol=0, atol=case["atol"])
    outside = np.delete(credit.advantage.ravel(), here)
    assert not outside.any()


def test_from_data_proto__dense_rewards_are_read_token_by_token() -> None:
    rewards = np.array([[0.1, 0.2, 0.0, 0.3]])
    batch = {"response_mask": np.array([[1, 1, 0, 1]]), "token_level_rewards": rewards}
    data = SimpleNamespace(batch=batch, non_tensor_batch={"uid": ["a"]})
    read = from_data_proto(data, dense=True).batch.reward_token
    assert read is not None
    assert read.tolist() == [0.1, 0.2, 0.3]
    assert from_data_proto(data).batch.reward_token is None
