"""Drawing tokens: restrictions keep what they say, records are unrestricted, responses end in time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from agentgym.agents.drawing import Endings, draw
from agentgym.agents.hf import HFAgent
from agentgym.agents.settings import Sampling
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.trajectory import Turn
from baselines.models import build_nano, train_tokenizer

_PROBS = np.array([0.05, 0.4, 0.1, 0.2, 0.25])


def _drawn(**options: Any) -> set[int]:
    """All tokens that may be drawn from `_PROBS`."""
    uniforms = torch.linspace(0, 0.9999, 400, dtype=torch.float64)
    logits = torch.tensor(_PROBS).log().expand(400, -1)
    return set(draw(logits, uniforms, Sampling(**options))[0].tolist())


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, {0, 1, 2, 3, 4}),
        ({"top_k": 2}, {1, 4}),
        ({"top_k": 99}, {0, 1, 2, 3, 4}),
        ({"top_p": 0.3}, {1}),
        ({"top_p": 0.41}, {1, 4}),
        ({"top_p": 0.9}, {1, 2, 3, 4}),
        ({"min_p": 0.5}, {1, 3, 4}),
        ({"min_p": 1.0}, {1}),
        ({"top_k": 4, "top_p": 0.7, "min_p": 0.3}, {1, 3, 4}),
        ({"temperature": 0, "top_k": 3}, {1}),
    ],
)
def test_draw__restrictions_keep_the_most_likely(options: dict[str, Any], kept: set[int]) -> None:
    assert _drawn(**options) == kept


@given(st.integers(0, 2**32 - 1), st.floats(0.2, 3), st.integers(0, 40), st.floats(0.01, 1), st.floats(0, 1))
def test_draw__agrees_with_the_definition(seed: int, temperature: float, k: int, p: float, m: float) -> None:
    rng = np.random.default_rng(seed)
    logits, uniforms = rng.normal(size=(8, 40)) * 3, rng.random(8)
    how = Sampling(temperature=temperature, top_k=k, top_p=p, min_p=m)
    tokens, logprobs, entropies = draw(torch.tensor(logits), torch.tensor(uniforms), how)
    for row in range(8):
        probs = np.exp(logits[row] / temperature)
        probs /= probs.sum()
        order = np.argsort(-probs)
        kept = set(order[: k or 40]) & {i for i in range(40) if probs[i] >= m * probs.max() - 1e-15}
        kept &= {i for j, i in enumerate(order) if probs[order[:j]].sum() < p + 1e-12}
        allowed = np.where([i in kept for i in range(40)], probs, 0).cumsum()
        chosen = int(tokens[row])
        assert chosen in kept
        below = allowed[chosen - 1] if chosen else 0.0
        assert below - 1e-9 <= uniforms[row] * allowed[-1] <= allowed[chosen] + 1e-9
        assert float(logprobs[row]) == pytest.approx(np.log(probs[chosen]))
        assert float(entropies[row]) == pytest.approx(-(probs * np.log(probs)).sum())


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": -1},
        {"temperature": float("inf")},
        {"temperature": "hot"},
        {"max_new_tokens": 0},
        {"max_new_tokens": 1.5},
        {"top_k": -1},
        {"top_p": 0},
        {"top_p": 1.5},
        {"min_p": -0.1},
        {"min_p": float("nan")},
        {"stop": ("a", "")},
        {"stop": 3},
        {"repeats": 1},
    ],
)
def test_sampling__rejects_what_is_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"`{next(iter(options))}` is"):
        Sampling(**options)


@pytest.fixture(scope="module")
def parts() -> tuple[Any, Any]:
    tokenizer = train_tokenizer(["You are in cell 3. go west, wait, go east", "é 漢"], vocabulary=300)
    return build_nano(tokenizer, hidden=16, layers=1, heads=2, seed=1), tokenizer


def _ended(tokenizer: Any, text: str, **options: Any) -> list[bool]:
    """Whether a response ends at each of a text's tokens."""
    ids = np.array(tokenizer(text, add_special_tokens=False)["input_ids"])
    endings = Endings(tokenizer, frozenset([0]), Sampling(max_new_tokens=99, **options))
    rows = np.tile(ids, (len(ids), 1))
    return list(endings.ended(rows, np.arange(1, len(ids) + 1)))


def test_endings__a_text_to_stop_at_ends_it_where_it_is_complete(parts: tuple[Any, Any]) -> None:
    tokenizer = parts[1]
    text = "go west, wait\nObservation: x"
    ends = _ended(tokenizer, text, stop=("\nObservation:", "nowhere"))
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    first = ends.index(True)
    assert "\nObservation:" in tokenizer.decode(ids[: first + 1])
    assert "\nObservation:" not in tokenizer.decode(ids[:first])
    assert not any(_ended(tokenizer, text, stop=("\nThought:",)))


def test_endings__a_text_may_end_in_a_character_of_several_tokens(parts: tuple[Any, Any]) -> None:
    assert _ended(parts[1], "a🙂b", stop=("🙂",)).index(True) == 4  # one byte of four a token


def test_endings__too_many_equal_tokens_end_it(parts: tuple[Any, Any]) -> None:
    tokenizer = parts[1]
    tokens = np.array([[5, 5, 7, 7, 7, 7], [5, 5, 5, 7, 7, 7]])
    endings = Endings(tokenizer, frozenset([0]), Sampling(max_new_tokens=99, repeats=3))
    ends = [endings.ended(tokens, np.full(2, n)).tolist() for n in range(1, 7)]
    assert ends == [[False] * 2, [False] * 2, [False, True], [False] * 2, [True, False], [True, True]]


@pytest.mark.parametrize("batching", ["padded", "continuous"])
def test_act__stops_where_it_is_told_to(parts: tuple[Any, Any], batching: Any) -> None:
    info = {"instruction": "", "admissible_actions": None}
    turns = [Turn("toy", k, 9, f"cell {k}", info, []) for k in range(30)]
    whole = HFAgent(*parts, max_new_tokens=20, batching=batching).act(turns)
    cut = HFAgent(*parts, max_new_tokens=20, batching=batching, stop="e").act(turns)
    assert any("e" in d.response for d in whole)
    for one, other in zip(whole, cut, strict=True):
        assert one.token_ids is not None
        assert other.token_ids is not None
        np.testing.assert_array_equal(one.token_ids[: len(other.token_ids)], other.token_ids)
        assert "e" not in parts[1].decode(other.token_ids[:-1], skip_special_tokens=True)
        assert ("e" in other.response) == ("e" in one.response)


def test_agent__rejects_unknown_options(parts: tuple[Any, Any]) -> None:
    with pytest.raises(UnknownNameError, match="temperature"):
        HFAgent(*parts, temprature=1)
    with pytest.raises(UnknownNameError, match="continuous"):
        HFAgent(*parts, batching="continuously")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="batching='continuous'"):
        HFAgent(*parts, batching="padded", compile=True)
