"""Trajectories on disk: they come back as they went, and an edit shows where it was made."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import fields, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentgym import Decision, Step, Trajectory, Turn
from agentgym.errors import TrajectoryError
from agentgym.hashing import digest
from agentgym.trajectory import SCHEMA, read_trajectories, write_trajectories

_ARRAYS = {"prompt_ids": np.int64, "token_ids": np.int64, "logprobs": np.float64, "entropies": np.float64}


def _step(number: int, **changes: Any) -> Step:
    decision = Decision(
        action=f"go {number}",
        response=f"<think/> go {number}",
        prompt_ids=np.array([1, 2, 3 + number]),
        token_ids=np.array([5, 6]),
        logprobs=np.array([-0.1, -1e-17 * number]),
        entropies=np.array([0.5, 1 / 3]),
        value=0.25,
    )
    step = Step(
        observation=f"You are in room {number}.",
        state=f"{number:016x}",
        decision=decision,
        reward=0.1 * number,
        terminated=number == 2,
        truncated=False,
        valid=True,
        progress=number / 3,
        score=float(number == 2),
        success=number == 2,
    )
    return replace(step, **changes)


def _trajectory(**changes: Any) -> Trajectory:
    whole = Trajectory(
        env_id="agentgym/ToyCorridor-v0",
        env_kwargs={"length": 9, "wind": 0.5},
        seed=3,
        task_id="train/3-east",
        split="train",
        episode=4,
        group=1,
        agent="random",
        steps=tuple(_step(number) for number in range(3)),
        final_observation="The end.",
        model_s=1.5,
        env_s=0.25,
    )
    return replace(whole, **changes)


def _assert_equal(one: Trajectory, other: Trajectory) -> None:
    for field in fields(Trajectory):
        if field.name != "steps":
            assert getattr(one, field.name) == getattr(other, field.name), field.name
    assert len(one.steps) == len(other.steps)
    for ours, theirs in zip(one.steps, other.steps, strict=True):
        bare = dict.fromkeys(_ARRAYS)
        assert replace(ours, decision=replace(ours.decision, **bare)) == replace(  # type: ignore[arg-type]
            theirs,
            decision=replace(theirs.decision, **bare),  # type: ignore[arg-type]
        )
        for name in _ARRAYS:
            _assert_same_array(getattr(ours.decision, name), getattr(theirs.decision, name))


def _assert_same_array(one: Any, other: Any) -> None:
    assert (one is None) == (other is None)
    if one is not None:
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()


# ---- there and back --------------------------------------------------------------------------------------


def test_trajectory__comes_back_bit_for_bit() -> None:
    _assert_equal(Trajectory.from_json(_trajectory().to_json()), _trajectory())


def test_trajectory__without_tokens_comes_back_without() -> None:
    plain = _trajectory(steps=(_step(0, decision=Decision("go east", "go east")),))
    back = Trajectory.from_json(plain.to_json())
    _assert_equal(back, plain)
    assert back.steps[0].decision.token_ids is None


def test_trajectory__empty_arrays_stay_arrays() -> None:
    empty = Decision("", token_ids=np.array([], np.int64), logprobs=np.array([], np.float64))
    back = Trajectory.from_json(_trajectory(steps=(_step(0, decision=empty),)).to_json())
    _assert_same_array(back.steps[0].decision.token_ids, empty.token_ids)
    _assert_same_array(back.steps[0].decision.logprobs, empty.logprobs)


def test_trajectory__without_steps_comes_back_with_its_error() -> None:
    broken = _trajectory(steps=(), error="ValueError: no such room")
    back = Trajectory.from_json(broken.to_json())
    _assert_equal(back, broken)
    assert (back.success, back.score, back.total_reward) == (False, 0.0, 0.0)


def test_trajectory__errored_episode_is_no_success() -> None:
    whole = _trajectory()
    assert (whole.success, whole.score, whole.tokens) == (True, 1.0, 6)
    assert whole.total_reward == pytest.approx(0.3)
    errored = replace(whole, error="it broke")
    assert (errored.success, errored.score) == (False, 0.0)


_LONE = st.characters(min_codepoint=0xD800, max_codepoint=0xDBFF)
_TEXT = st.one_of(st.text(), _LONE, st.just("a\udfff b"), st.just("\x00\u2028\u202e\r\n\t🙂"))


@given(observation=_TEXT, action=_TEXT, final=_TEXT)
def test_trajectory__any_text_survives(observation: str, action: str, final: str) -> None:
    step = _step(0, observation=observation, decision=Decision(action, response=action))
    whole = _trajectory(steps=(step,), final_observation=final)
    line = whole.to_json()
    assert line.isascii() and "\n" not in line
    _assert_equal(Trajectory.from_json(line), whole)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_trajectory__any_finite_number_survives(numbers: list[float]) -> None:
    decision = Decision("go", logprobs=np.array(numbers, dtype=np.float64), value=sum(numbers[:1]))
    whole = _trajectory(steps=(_step(0, decision=decision, reward=sum(numbers[:1])),))
    _assert_equal(Trajectory.from_json(whole.to_json()), whole)


def test_trajectory__bytes_of_files_stay_what_they_were() -> None:
    """Files of earlier versions, and the hashes that boards keep, are made of these bytes."""
    decision = Decision(
        'say "é"',
        "\ud800\u2028",
        usage={"completion_tokens": 2, "a": 0.5},
        note="again",
        logprobs=np.array([]),
    )
    whole = _trajectory(
        env_kwargs={"z": 1, "a": {"y": [{"q": None, "c": True}], "b": 1e-7}},
        steps=(_step(0), _step(1, decision=decision), _step(2)),
        package="0.1.0",
    )
    found = {
        error: blake2b(replace(whole, error=error).to_json().encode()).hexdigest()[:16]
        for error in (None, "x: é")
    }
    assert found == {None: "87da9713d89d9ebf", "x: é": "5c1fad45ac6a57b7"}


# ---- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    "place",
    [
        lambda x: {"reward": x},
        lambda x: {"score": x},
        lambda x: {"decision": Decision("a", value=x)},
        lambda x: {"decision": Decision("a", logprobs=np.array([0.0, x]))},
    ],
)
def test_trajectory__nan_is_not_written(place: Callable[[float], dict[str, Any]], number: float) -> None:
    steps = (_step(0), _step(1, **place(number)))
    with pytest.raises(TrajectoryError, match="Turn 1 holds NaN or infinity"):
        _trajectory(steps=steps).to_json()


def test_trajectory__nan_is_not_read() -> None:
    record = json.loads(_trajectory().to_json())
    record["turns"][0]["reward"] = float("nan")
    with pytest.raises(TrajectoryError):
        Trajectory.from_json(json.dumps(record))


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list):
        return [*value, 7]
    if isinstance(value, dict):
        return {**value, "length": 99}
    return f"{value or ''}x"


_RECORD = json.loads(_trajectory().to_json())
_TURN_FIELDS = sorted(_RECORD["turns"][1])
_HEADER_FIELDS = sorted(_RECORD.keys() - {"turns", "timing", "schema", "chain"})
_END_FIELDS = {"final_observation", "final_observation_hash", "error"}


@pytest.mark.parametrize("field", _TURN_FIELDS)
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_chain__names_the_turn_that_was_altered(turn: int, field: str) -> None:
    record = copy.deepcopy(_RECORD)
    record["turns"][turn][field] = _other(record["turns"][turn][field])
    where = "turn 0 or the header" if turn == 0 else f"turn {turn}"
    with pytest.raises(TrajectoryError, match=f"breaks at {where}: it was altered"):
        Trajectory.from_json(json.dumps(record))


@pytest.mark.parametrize("field", _HEADER_FIELDS)
def test_chain__notices_an_altered_header_or_end(field: str) -> None:
    record = {**_RECORD, field: _other(_RECORD[field])}
    where = "after the last turn" if field in _END_FIELDS else "at turn 0 or the header"
    with pytest.raises(TrajectoryError, match=f"breaks {where}"):
        Trajectory.from_json(json.dumps(record))


@pytest.mark.parametrize("field", _HEADER_FIELDS)
def test_chain__notices_an_altered_header_without_turns(field: str) -> None:
    record = json.loads(_trajectory(steps=()).to_json())
    record[field] = _other(record[field])
    with pytest.raises(TrajectoryError, match="hash chain breaks"):
        Trajectory.from_json(json.dumps(record))


_SURGERY: dict[str, Callable[[list[Any]], list[Any]]] = {
    "cut off": lambda turns: turns[:-1],
    "first removed": lambda turns: turns[1:],
    "swapped": lambda turns: [turns[1], turns[0], turns[2]],
    "doubled": lambda turns: [*turns, turns[-1]],
    "emptied": lambda turns: [],
    "field added": lambda turns: [{**turns[0], "cheat": 1}, *turns[1:]],
    "field removed": lambda turns: [{k: v for k, v in turns[0].items() if k != "value"}, *turns[1:]],
}


@pytest.mark.parametrize("how", _SURGERY)
def test_chain__notices_turns_that_are(how: str) -> None:
    record = {**_RECORD, "turns": _SURGERY[how](copy.deepcopy(_RECORD["turns"]))}
    with pytest.raises(TrajectoryError, match="hash chain breaks"):
        Trajectory.from_json(json.dumps(record))


def test_chain__observation_hash_is_checked_even_where_the_chain_was_made_anew() -> None:
    record = _rechained(lambda turn: turn.update(observation="You have won."))
    with pytest.raises(TrajectoryError, match="Turn 1: the observation does not match its hash"):
        Trajectory.from_json(json.dumps(record))


@pytest.mark.parametrize(
    "change",
    [
        {"token_ids": [2**70]},
        {"token_ids": [[1, 2], [3, 4]]},
        {"token_ids": [[1], [2, 3]]},
        {"token_ids": "text"},
        {"logprobs": 7},
        {"reward": "much"},
        {"reward": None},
    ],
)
def test_reading__malformed_field_is_named_an_error_even_in_a_whole_chain(change: dict[str, Any]) -> None:
    with pytest.raises(TrajectoryError, match="missing or malformed"):
        Trajectory.from_json(json.dumps(_rechained(lambda turn: turn.update(change))))


def test_chain__timing_is_no_part_of_it() -> None:
    record = {**_RECORD, "timing": {"model_s": 9.0, "env_s": 9.0}}
    altered = Trajectory.from_json(json.dumps(record))
    assert altered.model_s == 9.0
    _assert_equal(altered.without_timing(), _trajectory().without_timing())


def _rechained(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Alter turn 1 and compute the chain anew, as a forger would."""
    record: dict[str, Any] = copy.deepcopy(_RECORD)
    change(record["turns"][1])
    header = {key: record[key] for key in record if key not in {"turns", "timing", "chain", *_END_FIELDS}}
    chain = digest(header)
    for turn in record["turns"]:
        del turn["chain"]
        chain = turn["chain"] = digest([chain, turn])
    record["chain"] = digest([chain, {key: record[key] for key in _END_FIELDS}])
    return record


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "schema is 'list'"),
        ("{}", "schema is None"),
        ('{"schema": "agentgym.trajectory/0"}', f"this version reads '{SCHEMA}'"),
        (f'{{"schema": "{SCHEMA}"}}', "missing or malformed"),
        (json.dumps({**_RECORD, "turns": [7]}), "missing or malformed"),
        (json.dumps({k: v for k, v in _RECORD.items() if k != "timing"}), "missing or malformed"),
    ],
)
def test_reading__what_is_no_trajectory_says_so(line: str, told: str) -> None:
    with pytest.raises(TrajectoryError) as caught:
        Trajectory.from_json(line)
    assert told in str(caught.value)


# ---- files -----------------------------------------------------------------------------------------------


def test_file__comes_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_trajectories(path, [_trajectory(episode=k) for k in range(4)])
    assert [t.episode for t in read_trajectories(path)] == [0, 1, 2, 3]
    assert [p.name for p in tmp_path.iterdir()] == ["run.jsonl"]


def test_file__equal_runs_are_equal_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path in (one, other):
        write_trajectories(path, [_trajectory()])
    assert one.read_bytes() == other.read_bytes()


def test_file__failed_write_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_trajectories(path, [_trajectory()])
    before = path.read_bytes()
    with pytest.raises(TrajectoryError):
        write_trajectories(path, [_trajectory(), _trajectory(steps=(_step(0, reward=float("nan")),))])
    assert path.read_bytes() == before


@pytest.mark.parametrize("cut", [1, 2, 100, -2])
def test_file__half_written_last_line_is_reported(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "run.jsonl"
    write_trajectories(path, [_trajectory(episode=0), _trajectory(episode=1)])
    whole = path.read_bytes()
    second = whole.index(b"\n") + 1
    path.write_bytes(whole[: second + cut] if cut > 0 else whole[:cut])
    reader = read_trajectories(path)
    assert next(reader).episode == 0
    with pytest.raises(
        TrajectoryError, match=r"run\.jsonl:2: the last line is half-written\. Resume the run"
    ):
        next(reader)


@pytest.mark.parametrize("line", [b"\n", b"\xff\xfe\n", b"{}\n"])
def test_file__names_the_line_that_is_corrupt(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "run.jsonl"
    write_trajectories(path, [_trajectory()])
    path.write_bytes(path.read_bytes() + line)
    with pytest.raises(TrajectoryError, match=r"run\.jsonl:2: "):
        list(read_trajectories(path))


# ---- turns -----------------------------------------------------------------------------------------------


def _turn(seed: int, episode: int, index: int) -> Turn:
    return Turn("agentgym/ToyCorridor-v0", episode, seed, "text", {}, [_step(0)] * index)


def test_turn__chance_depends_on_seed_episode_and_index_alone() -> None:
    draws = {
        (seed, episode, index): _turn(seed, episode, index).rng().random()
        for seed in range(3)
        for episode in range(3)
        for index in range(3)
    }
    assert len(set(draws.values())) == len(draws)
    assert _turn(1, 2, 1).rng().random() == draws[1, 2, 1]
