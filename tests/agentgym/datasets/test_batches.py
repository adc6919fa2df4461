"""Batches in files."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest

from agentgym import StepBatch
from agentgym.datasets import load_batch, save_batch
from agentgym.errors import ArgumentError, DataError, UnknownNameError
from tests.agentgym.datasets.played import HOSTILE, play


def _equal(one: StepBatch, two: StepBatch) -> None:
    for field in dataclasses.fields(StepBatch):
        left, right = getattr(one, field.name), getattr(two, field.name)
        assert (left is None) == (right is None), field.name
        if left is not None:
            assert left.dtype == right.dtype
            assert left.tolist() == right.tolist(), field.name


def test_save_batch__comes_back_hostile_text_and_all(tmp_path: Path) -> None:
    batch = StepBatch.from_trajectories(play(words=HOSTILE))
    calls = np.empty(len(batch), dtype=object)
    calls[:] = [(("look", {"at": HOSTILE, "n": 1}),)] * len(batch)
    batch = batch.with_columns(predicted_calls=calls, action=[HOSTILE] * len(batch), value=[0.5] * len(batch))
    save_batch(tmp_path / "batch.npz", batch)
    _equal(load_batch(tmp_path / "batch.npz"), batch)
    assert [file.name for file in tmp_path.iterdir()] == ["batch.npz"]


def test_load_batch__takes_plain_arrays_of_others(tmp_path: Path) -> None:
    numbers = {"episode": [0, 1], "group": [0, 0], "reward": [1.0, 0.0], "agent": [0, 0], "action": [1, 2]}
    flags = {"terminated": [True, True], "truncated": [False, False], "valid": [True, True]}
    arrays = {name: np.array(column) for name, column in {**numbers, **flags}.items()}
    arrays |= {"state": np.array(["s", "s"]), "token_offsets": np.array([0, 1, 2])}
    np.savez(tmp_path / "theirs.npz", allow_pickle=False, **arrays)
    assert load_batch(tmp_path / "theirs.npz").outcome.tolist() == [1.0, 0.0]


def test_load_batch__never_unpickles(tmp_path: Path) -> None:
    np.savez(tmp_path / "evil.npz", episode=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DataError, match="no batch"):
        load_batch(tmp_path / "evil.npz")
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps({"episode": [0]}))
    with pytest.raises(DataError, match="no batch"):
        load_batch(tmp_path / "pickle.npz")
    with pytest.raises(DataError, match="no batch"):
        load_batch(tmp_path / "nowhere.npz")


def test_load_batch__names_columns_that_do_not_exist(tmp_path: Path) -> None:
    np.savez(tmp_path / "strange.npz", allow_pickle=False, rewardd=np.zeros(2))
    with pytest.raises(UnknownNameError, match="reward"):
        load_batch(tmp_path / "strange.npz")


def test_save_batch__says_what_is_no_json(tmp_path: Path) -> None:
    batch = StepBatch.from_trajectories(play(groups=1, size=1))
    calls = np.empty(len(batch), dtype=object)
    calls[:] = [(("look", {"at": b"bytes"}),)] * len(batch)
    with pytest.raises(ArgumentError, match="'predicted_calls'"):
        save_batch(tmp_path / "batch.npz", batch.with_columns(predicted_calls=calls))
