"""`FreeText`, alone and in Gymnasium's vectors."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import batch_space

from agentgym import FreeText
from agentgym.errors import ArgumentError
from tests.toys import TOY_ID


def _make() -> gymnasium.Env[str, str]:
    return gymnasium.make(TOY_ID)


@pytest.mark.parametrize("text", ["", "go east", "größer 中 🙂", "\n\t\x00", "\ud800", "x" * 50])
def test_free_text__holds_any_text(text: str) -> None:
    assert text in FreeText(50)


@pytest.mark.parametrize("other", ["x" * 51, b"bytes", 7, None, ["a"], np.array("a")])
def test_free_text__holds_nothing_else(other: object) -> None:
    assert other not in FreeText(50)


def test_free_text__samples_are_within_and_vary() -> None:
    space = FreeText(10, seed=0)
    samples = [space.sample() for _ in range(50)]
    assert all(sample in space for sample in samples)
    assert len(set(samples)) > 40


def test_free_text__seed_repeats_the_samples() -> None:
    one, other, third = FreeText(seed=3), FreeText(), FreeText(seed=4)
    other.seed(3)
    ours = [one.sample() for _ in range(5)]
    assert ours == [other.sample() for _ in range(5)]
    assert ours != [third.sample() for _ in range(5)]


def test_free_text__mask_lists_the_legal_texts() -> None:
    space = FreeText(seed=0)
    assert {space.sample(mask=("left", "right")) for _ in range(40)} == {"left", "right"}


@pytest.mark.parametrize(("mask", "told"), [((), "is empty"), ("left", "is one text")])
def test_free_text__useless_mask_is_an_error(mask: Any, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        FreeText().sample(mask=mask)


def test_free_text__probability_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="Pass mask="):
        FreeText().sample(probability=(0.5,))  # type: ignore[arg-type]


def test_free_text__bad_length_is_an_error() -> None:
    with pytest.raises(ArgumentError, match=r"`max_length` is 0\. It must be at least 1"):
        FreeText(0)


def test_free_text__equality_is_by_length() -> None:
    assert FreeText(5) == FreeText(5, seed=1)
    assert hash(FreeText(5)) == hash(FreeText(5, seed=1))
    assert FreeText(5) != FreeText(6)
    assert FreeText(5) != gymnasium.spaces.Text(5)


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda space: pickle.loads(pickle.dumps(space))])
def test_free_text__copies_go_on_with_the_same_chance(clone: Any) -> None:
    space = FreeText(20, seed=0)
    space.sample()
    twin = clone(space)
    assert twin == space
    assert [twin.sample() for _ in range(5)] == [space.sample() for _ in range(5)]


def test_free_text__goes_through_json() -> None:
    texts = ["a", "größer\n", "\ud800"]
    assert FreeText().from_jsonable(FreeText().to_jsonable(texts)) == texts


def test_free_text__batches_to_a_tuple_of_unlike_samplers() -> None:
    batch = batch_space(FreeText(seed=0), 3)
    assert isinstance(batch, gymnasium.spaces.Tuple)
    assert len(set(batch.sample())) == 3


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_free_text__vectors_deliver_the_texts(mode: str) -> None:
    vector: VectorEnv[Any, Any, Any]
    vector = (
        SyncVectorEnv([_make] * 2) if mode == "sync" else AsyncVectorEnv([_make] * 2, shared_memory=False)
    )
    try:
        observations, _ = vector.reset(seed=[1, 2])
        assert observations == tuple(_make().reset(seed=seed)[0] for seed in (1, 2))
        observations, *_ = vector.step(("dance", "dance"))
        assert observations == ("Nothing happens: say 'go west', 'wait' or 'go east'.",) * 2
    finally:
        vector.close()


def test_free_text__shared_memory_is_a_clear_error() -> None:
    with pytest.raises(ValueError, match="shared_memory=False"):
        AsyncVectorEnv([_make] * 2, shared_memory=True)
