"""Continuous batching: what is said does not depend on who else speaks, and nothing is read twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from agentgym.agents.drawing import Endings
from agentgym.agents.running import RunningBatch
from agentgym.agents.sampling import Sample, sample
from agentgym.agents.settings import Sampling
from agentgym.errors import ArgumentError
from baselines.models import build_nano, train_tokenizer

IntArray = NDArray[np.int64]
_TEXT = ["You are in cell 3. go west, wait, go east", "go east", "wait", "go west"]
_SAMPLING = Sampling(max_new_tokens=7, temperature=1.3)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_tokenizer(_TEXT, vocabulary=300)


@pytest.fixture(scope="module")
def model(tokenizer: Any) -> Any:
    return build_nano(tokenizer, hidden=16, layers=2, heads=2, seed=1).double()


def _prompts(n: int, seed: int = 0, shared: int = 0) -> list[IntArray]:
    rng = np.random.default_rng(seed)
    beginning = rng.integers(1, 250, shared)
    return [np.concatenate([beginning, rng.integers(1, 250, rng.integers(1, 90))]) for _ in range(n)]


def _uniforms(n: int, seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).random((n, _SAMPLING.max_new_tokens))


def _endings(tokenizer: Any) -> Endings:
    return Endings(tokenizer, frozenset(range(0, 250, 9)), _SAMPLING)


def _batch(model: Any, tokenizer: Any, **options: Any) -> RunningBatch:
    return RunningBatch(model, _SAMPLING, _endings(tokenizer), **{"limit": 64, **options})


def _drain(batch: RunningBatch) -> dict[int, Sample]:
    found: dict[int, Sample] = {}
    while len(batch):
        found |= dict(batch.poll())
    return found


def _assert_equal(one: Sample, other: Sample, atol: float = 1e-9) -> None:
    np.testing.assert_array_equal(one.token_ids, other.token_ids)
    np.testing.assert_allclose(one.logprobs, other.logprobs, atol=atol)
    np.testing.assert_allclose(one.entropies, other.entropies, atol=atol)


@contextmanager
def _counting(model: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count the tokens that pass through the model, padding included."""
    read: list[int] = []
    forward = type(model).forward

    def counting(self: Any, input_ids: torch.Tensor, **options: Any) -> Any:
        read.append(input_ids.numel())
        return forward(self, input_ids, **options)

    with monkeypatch.context() as patch:
        patch.setattr(type(model), "forward", counting)
        yield read


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("limit", [1, 3, 40])
def test_poll__responses_are_those_of_a_padded_batch(
    model: Any, tokenizer: Any, limit: int, ahead: bool
) -> None:
    prompts, uniforms = _prompts(20), _uniforms(20)
    expected = sample(model, prompts, uniforms, _SAMPLING, _endings(tokenizer), pad_id=0)
    batch = _batch(model, tokenizer, limit=limit, ahead=ahead)
    tickets = [batch.submit(k, prompt, uniforms[k]) for k, prompt in enumerate(prompts)]
    found = _drain(batch)
    assert len({len(one.token_ids) for one in expected}) > 3
    for ticket, one in zip(tickets, expected, strict=True):
        _assert_equal(found[ticket], one)


@pytest.mark.parametrize("ahead", [False, True])
def test_poll__a_prompt_that_comes_later_joins_those_that_run(
    model: Any, tokenizer: Any, ahead: bool
) -> None:
    prompts, uniforms = _prompts(12), _uniforms(12)
    expected = sample(model, prompts, uniforms, _SAMPLING, _endings(tokenizer), pad_id=0)
    batch, tickets, most = _batch(model, tokenizer, ahead=ahead), [], 0
    found: dict[int, Sample] = {}
    for k, prompt in enumerate(prompts):
        tickets.append(batch.submit(k, prompt, uniforms[k]))
        most = max(most, len(batch))
        found |= dict(batch.poll())
    found |= _drain(batch)
    assert 1 < most < 12
    for ticket, one in zip(tickets, expected, strict=True):
        _assert_equal(found[ticket], one)


def test_poll__a_conversation_that_goes_on_reads_only_what_is_new(
    model: Any, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, uniforms = _batch(model, tokenizer), _uniforms(6)
    prompts = _prompts(6)
    for turn in range(4):
        tickets = [batch.submit(k, prompt, uniforms[k]) for k, prompt in enumerate(prompts)]
        with _counting(model, monkeypatch) as read:
            found = _drain(batch)
        fresh = sample(model, prompts, uniforms, _SAMPLING, _endings(tokenizer), pad_id=0)
        for ticket, one in zip(tickets, fresh, strict=True):
            _assert_equal(found[ticket], one)
        if turn:  # its own last token, three more, and one for each that is sampled
            assert sum(read) <= 6 * (4 + _SAMPLING.max_new_tokens)
        said = [found[ticket].token_ids for ticket in tickets]
        prompts = [
            np.concatenate([p, s, [7, 8, 9 + k]]) for k, (p, s) in enumerate(zip(prompts, said, strict=True))
        ]


def test_poll__what_prompts_share_is_read_once(
    model: Any, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts, uniforms = _prompts(16, shared=300), _uniforms(16)
    prompts[5:8] = [prompts[4]] * 3
    batch = _batch(model, tokenizer)
    tickets = [batch.submit(k, prompt, uniforms[k]) for k, prompt in enumerate(prompts)]
    with _counting(model, monkeypatch) as read:
        found = _drain(batch)
    assert sum(read) < 300 + 16 * 90 + 2 * 16 * _SAMPLING.max_new_tokens
    expected = sample(model, prompts, uniforms, _SAMPLING, _endings(tokenizer), pad_id=0)
    for ticket, one in zip(tickets, expected, strict=True):
        _assert_equal(found[ticket], one)


def test_leave__its_row_is_taken_by_the_next_conversation(model: Any, tokenizer: Any) -> None:
    prompts, uniforms = _prompts(30), _uniforms(30)
    batch = _batch(model, tokenizer, limit=64)
    for k, prompt in enumerate(prompts):
        ticket = batch.submit(k, prompt, uniforms[k])
        (expected,) = sample(model, [prompt], uniforms[k : k + 1], _SAMPLING, _endings(tokenizer), pad_id=0)
        _assert_equal(_drain(batch)[ticket], expected)
        batch.leave(k)
    assert batch.rows == 8  # the least number made


def test_submit__forgets_what_it_read_when_the_weights_change(tokenizer: Any) -> None:
    model = build_nano(tokenizer, hidden=16, layers=2, heads=2, seed=1).double()
    (prompt,), uniforms = _prompts(1), _uniforms(1)
    batch = _batch(model, tokenizer)
    batch.submit(0, prompt, uniforms[0])
    _drain(batch)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.linspace(0, 0.3, parameter.numel()).reshape(parameter.shape))
    ticket = batch.submit(0, prompt, uniforms[0])
    (expected,) = sample(model, [prompt], uniforms, _SAMPLING, _endings(tokenizer), pad_id=0)
    _assert_equal(_drain(batch)[ticket], expected)


def test_running_batch__eager_attention_says_the_same(model: Any, tokenizer: Any) -> None:
    prompts, uniforms = _prompts(5), _uniforms(5)
    expected = sample(model, prompts, uniforms, _SAMPLING, _endings(tokenizer), pad_id=0)
    model.set_attn_implementation("eager")
    try:
        batch = _batch(model, tokenizer)
        tickets = [batch.submit(k, prompt, uniforms[k]) for k, prompt in enumerate(prompts)]
        found = _drain(batch)
    finally:
        model.set_attn_implementation("sdpa")
    for ticket, one in zip(tickets, expected, strict=True):
        _assert_equal(found[ticket], one)


def test_running_batch__refuses_models_with_windows(tokenizer: Any) -> None:
    from transformers import MistralConfig, MistralForCausalLM

    config = MistralConfig(
        vocab_size=300, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, sliding_window=8,
    )  # fmt: skip
    with pytest.raises(ArgumentError, match="without full attention"):
        _batch(MistralForCausalLM(config), tokenizer)


@pytest.mark.parametrize("kind", ["Qwen2", "GPT2"])
def test_running_batch__serves_other_architectures(tokenizer: Any, kind: str) -> None:
    """Grouped heads and turned keys; places that are learned."""
    from transformers import GPT2Config, GPT2LMHeadModel, Qwen2Config, Qwen2ForCausalLM

    qwen = Qwen2Config(
        vocab_size=300, hidden_size=32, intermediate_size=16, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        if kind == "Qwen2":
            model = Qwen2ForCausalLM(qwen).double().eval()
        else:
            model = (
                GPT2LMHeadModel(GPT2Config(vocab_size=300, n_embd=32, n_layer=2, n_head=4)).double().eval()
            )
    prompts, uniforms = _prompts(9, shared=20), _uniforms(9)
    expected = sample(model, prompts, uniforms, _SAMPLING, _endings(tokenizer), pad_id=0)
    batch = _batch(model, tokenizer)
    tickets = [batch.submit(k, prompt, uniforms[k]) for k, prompt in enumerate(prompts)]
    found = _drain(batch)
    for ticket, one in zip(tickets, expected, strict=True):
        _assert_equal(found[ticket], one)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*script_method.*:DeprecationWarning")
def test_running_batch__compiled_says_the_same(tokenizer: Any) -> None:
    model = build_nano(tokenizer, hidden=16, layers=1, heads=2, seed=1)
    prompts, uniforms = [prompt[:40] for prompt in _prompts(5)], _uniforms(5)
    expected = sample(model, prompts, uniforms, _SAMPLING, _endings(tokenizer), pad_id=0)
    batch = _batch(model, tokenizer, compiled=True, limit=8)
    tickets = [batch.submit(k, prompt, uniforms[k]) for k, prompt in enumerate(prompts)]
    found = _drain(batch)
    for ticket, one in zip(tickets, expected, strict=True):
        _assert_equal(found[ticket], one, atol=1e-4)
