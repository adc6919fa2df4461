from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from agentgym import Decision, Step, StepBatch, Trajectory
from agentgym.errors import ArgumentError, MissingColumnError, ShapeError, UnknownNameError
from tests.baselines.golden import Case, cases

Columns = dict[str, Any]
REQUIRED = (
    "episode", "group", "reward", "state", "action", "terminated", "truncated", "agent", "valid",
    "token_offsets",
)  # fmt: skip


def columns(**changes: Any) -> Columns:
    """Two interleaved episodes of two steps, five tokens in all."""
    plain: Columns = {
        "episode": [0, 1, 0, 1],
        "group": [3, 3, 3, 3],
        "reward": [0.0, 1, 2.5, 0.0],
        "state": ["a", "b", "a", "c"],
        "action": [4, 4, 5, 4],
        "terminated": [False, False, True, True],
        "truncated": [False] * 4,
        "agent": [0, 0, 1, 1],
        "valid": [True] * 4,
        "token_offsets": [0, 2, 2, 4, 5],
    }
    return {**plain, **changes}


def test_from_columns__takes_lists_and_arrays_alike() -> None:
    listed = StepBatch.from_columns(**columns(logprob=[-1, -2.0, -3.0, -4.0, -5.0], parent=None))
    arrays = StepBatch.from_columns(
        **{name: np.array(column) for name, column in columns(logprob=-np.arange(1.0, 6.0)).items()}
    )
    for field in dataclasses.fields(StepBatch):
        one, other = getattr(listed, field.name), getattr(arrays, field.name)
        if one is None:
            assert other is None
        else:
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
    assert len(listed) == 4
    assert listed.tokens == 5
    assert listed.reward.dtype == np.float64
    assert listed.episode.dtype == listed.token_offsets.dtype == listed.action.dtype == np.int64
    assert listed.terminated.dtype == np.bool_
    assert listed.parent is None


def test_from_columns__codes_labels_in_order_of_first_appearance() -> None:
    batch = StepBatch.from_columns(**columns())
    assert batch.state.tolist() == ["a", "b", "a", "c"]
    assert batch.state_codes.tolist() == [0, 1, 0, 2]
    assert batch.action_codes.tolist() == [0, 0, 1, 0]


def test_outcome__defaults_to_the_reward_sum_of_the_episode() -> None:
    assert StepBatch.from_columns(**columns()).outcome.tolist() == [2.5, 1.0, 2.5, 1.0]
    assert StepBatch.from_columns(**columns(outcome=[1, 2, 3, 4])).outcome.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_trained__defaults_to_all_tokens() -> None:
    batch = StepBatch.from_columns(**columns())
    assert batch.token_mask is None
    assert batch.trained.tolist() == [True] * 5
    assert batch.token_row.tolist() == [0, 0, 2, 2, 3]
    mask = [True, False, True, True, False]
    assert batch.with_columns(token_mask=mask).trained.tolist() == mask


def test_columns__are_read_only_copies() -> None:
    reward = np.zeros(4)
    batch = StepBatch.from_columns(**columns(reward=reward, value=reward))
    reward[0] = 9.0
    assert not batch.reward.any()
    for name in (*REQUIRED, "outcome", "value"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(batch, name)[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        batch.reward = reward  # type: ignore[misc]


@pytest.mark.parametrize("name", REQUIRED)
def test_from_columns__names_a_required_column_that_is_absent(name: str) -> None:
    with pytest.raises(MissingColumnError, match=f"'{name}'"):
        StepBatch.from_columns(**columns(**{name: None}))
    rest = {key: column for key, column in columns().items() if key != name}
    with pytest.raises(MissingColumnError, match=f"'{name}'"):
        StepBatch.from_columns(**rest)


def test_from_columns__unknown_column_suggests_close_ones() -> None:
    with pytest.raises(UnknownNameError, match="'old_logprob'"):
        StepBatch.from_columns(**columns(old_logprobs=[0.0] * 5))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("reward", [0.0] * 3),
        ("reward", [[0.0]] * 4),
        ("reward", [0.0, np.nan, 0.0, 0.0]),
        ("reward", [0.0, 0.0, np.inf, 0.0]),
        ("reward", ["0", "1", "2", "3"]),
        ("reward", [[0.0], [], [], []]),
        ("reward", [True] * 4),
        ("outcome", [0.0] * 5),
        ("value", [0.0, 0.0, 0.0, -np.inf]),
        ("episode", [0.0, 1.0, 0.0, 1.0]),
        ("episode", [[0, 1, 0, 1]]),
        ("episode", 3),
        ("episode", []),
        ("agent", [False] * 4),
        ("terminated", [0, 0, 1, 1]),
        ("valid", [None] * 4),
        ("state", ["a", 1, "b", 2]),
        ("state", [1.0, 2.0, 3.0, 4.0]),
        ("state", [True] * 4),
        ("state", ["a"] * 5),
        ("action", 7),
        ("rewards", [0.0] * 4),
        ("rewards", [[0.0, np.nan]] * 4),
        ("rewards", [[0.0, 1.0]] * 3),
        ("rewards", [[]] * 4),
        ("logprob", [0.0] * 4),
        ("entropy", [0.0, 0.0, 0.0, 0.0, np.nan]),
        ("token_id", [0.5] * 5),
        ("token_mask", [True] * 6),
        ("token_offsets", [0, 2, 2, 4]),
        ("token_offsets", [1, 2, 2, 4, 5]),
        ("token_offsets", [0, 2, 1, 4, 5]),
        ("token_offsets", [0.0, 2.0, 2.0, 4.0, 5.0]),
        ("parent", [-1, 0, 4, 2]),
        ("parent", [-2, 0, 1, 2]),
        ("parent", [1, 2, 1, -1]),
        ("parent", [0, -1, -1, -1]),
        ("group", [0, 1, 1, 1]),
        ("predicted_calls", [()] * 3),
    ],
)
def test_from_columns__names_the_column_that_is_wrong(name: str, wrong: Any) -> None:
    with pytest.raises(ShapeError, match=f"'{name}'"):
        StepBatch.from_columns(**columns(**{name: wrong}))


def test_from_columns__parents_stay_within_the_group() -> None:
    fine = columns(group=[3, 4, 3, 4], parent=[-1, -1, 0, 1])
    assert StepBatch.from_columns(**fine).parent is not None
    with pytest.raises(ShapeError, match="another group"):
        StepBatch.from_columns(**{**fine, "parent": [-1, -1, 1, 1]})


def test_from_columns__takes_calls_as_tuples() -> None:
    calls = [(("search", {"query": "x"}), ("open", {})), (), (("search", {}),), ()]
    batch = StepBatch.from_columns(**columns(predicted_calls=calls, reference_calls=[((), ())] * 4))
    assert batch.predicted_calls is not None
    assert batch.predicted_calls.tolist() == calls


def test_with_columns__replaces_adds_and_takes_away() -> None:
    batch = StepBatch.from_columns(**columns(value=[1.0] * 4))
    changed = batch.with_columns(reward=[1.0] * 4, value=None, entropy=[0.0] * 5)
    assert changed.value is None
    assert changed.entropy is not None
    assert changed.outcome.tolist() == batch.outcome.tolist()
    assert batch.with_columns(reward=[1.0] * 4, outcome=None).outcome.tolist() == [2.0] * 4


def test_column__names_column_and_method_when_absent() -> None:
    batch = StepBatch.from_columns(**columns())
    assert batch.column("reward", "grpo") is batch.reward
    with pytest.raises(MissingColumnError, match="gae_token needs the column 'value_token'"):
        batch.column("value_token", "gae_token")
    with pytest.raises(UnknownNameError, match="'value_token'"):
        batch.column("value_tokn", "gae_token")


@pytest.mark.parametrize("case", cases(lambda method: True))
def test_from_columns__takes_the_columns_of_every_golden_case(case: Case) -> None:
    known = {field.name for field in dataclasses.fields(StepBatch)}
    given = {name: column for name, column in case["columns"].items() if name in known}
    batch = StepBatch.from_columns(**given)
    assert len(batch) == len(given["episode"])
    assert json.dumps(batch.state.tolist()) == json.dumps(given["state"])


def decision(action: str, tokens: int | None, value: float | None = None) -> Decision:
    if tokens is None:
        return Decision(action=action, value=value)
    return Decision(
        action=action,
        token_ids=np.arange(tokens, dtype=np.int64) + 10,
        logprobs=-np.ones(tokens) / 2,
        entropies=np.ones(tokens),
        value=value,
    )


def trajectory(group: int, rewards: list[float], tokens: list[int | None], **changes: Any) -> Trajectory:
    steps = tuple(
        Step(
            observation="look",
            state=f"key {number}",
            decision=decision(f"go {number}", count, changes.get("value")),
            reward=reward,
            terminated=number == len(rewards) - 1,
            truncated=False,
            valid=number != 0,
            progress=0.5,
            score=0.25,
            success=number == len(rewards) - 1,
        )
        for number, (reward, count) in enumerate(zip(rewards, tokens, strict=True))
    )
    return Trajectory(
        env_id="agentgym/Test-v0",
        env_kwargs={},
        seed=0,
        task_id="t",
        split="train",
        episode=77,
        group=group,
        agent="test",
        steps=steps,
        final_observation="end",
        error=changes.get("error"),
    )


def test_from_trajectories__has_one_row_per_step() -> None:
    played = [
        trajectory(5, [0.0, 1.0], [2, 3]),
        trajectory(5, [], []),
        trajectory(6, [0.5], [0], error="crashed"),
    ]
    batch = StepBatch.from_trajectories(played)
    assert batch.episode.tolist() == [0, 0, 2]
    assert batch.group.tolist() == [5, 5, 6]
    assert batch.reward.tolist() == [0.0, 1.0, 0.5]
    assert batch.outcome.tolist() == [1.0, 1.0, 0.5]
    assert batch.state.tolist() == ["key 0", "key 1", "key 0"]
    assert batch.action.tolist() == ["go 0", "go 1", "go 0"]
    assert batch.terminated.tolist() == [False, True, True]
    assert batch.valid.tolist() == [False, True, False]
    assert batch.token_offsets.tolist() == [0, 2, 5, 5]
    assert batch.value is None
    assert batch.token_id is not None
    assert batch.token_id.tolist() == [10, 11, 10, 11, 12]
    assert batch.logprob is not None
    assert batch.old_logprob is not None
    assert batch.logprob.tolist() == batch.old_logprob.tolist() == [-0.5] * 5
    assert batch.entropy is not None


def test_from_trajectories__credits_what_it_is_told() -> None:
    played = [trajectory(0, [0.0, 3.0], [1, 1]), trajectory(0, [2.0], [1], error="crashed")]
    assert StepBatch.from_trajectories(played, outcome="score").outcome.tolist() == [0.25, 0.25, 0.0]
    assert StepBatch.from_trajectories(played, outcome="success").outcome.tolist() == [1.0, 1.0, 0.0]
    with pytest.raises(ArgumentError, match="'progress'"):
        StepBatch.from_trajectories(played, outcome="progress")  # type: ignore[arg-type]


def test_from_trajectories__without_a_language_model_has_no_tokens() -> None:
    batch = StepBatch.from_trajectories([trajectory(0, [0.0, 1.0], [None, None], value=0.5)])
    assert batch.tokens == 0
    assert batch.logprob is None
    assert batch.token_id is None
    assert batch.value is not None
    assert batch.value.tolist() == [0.5, 0.5]


def test_from_trajectories__a_step_without_answer_has_no_tokens() -> None:
    batch = StepBatch.from_trajectories([trajectory(0, [0.0, 1.0], [2, None])])
    assert batch.token_offsets.tolist() == [0, 2, 2]
    assert batch.logprob is not None
    assert len(batch.logprob) == 2


def test_from_trajectories__all_or_no_decisions_carry_values() -> None:
    with pytest.raises(ShapeError, match="'value': 1 of 2"):
        StepBatch.from_trajectories([trajectory(0, [1.0], [1], value=0.5), trajectory(0, [1.0], [1])])


def test_from_trajectories__no_step_is_an_error() -> None:
    with pytest.raises(ShapeError, match="empty"):
        StepBatch.from_trajectories([trajectory(0, [], [])])
