"""Rows of tokens: log-probabilities, packing, and gradients that do not depend on how the work is cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from agentgym.agents.sampling import distinct
from baselines.models import build_nano, train_tokenizer
from baselines.models.rows import Row, hidden_states, packed, shares_prefixes, token_logprobs
from baselines.models.trunks import lay_out
from baselines.trainer.config import NanoConfig, RolloutConfig, TrainConfig, UpdateConfig
from baselines.trainer.policy import Policy, make_start
from baselines.trainer.update import Experience, update_policy
from tests.toys import TOY_ID


@pytest.fixture(scope="module")
def model() -> Any:
    return build_nano(train_tokenizer(["a b c d e f g"], vocabulary=280), hidden=16, layers=2, heads=2)


def _rows(n: int, seed: int = 0) -> list[Row]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 9, size=(n, 2))
    rows = [Row(rng.integers(1, 250, size=int(p)), rng.integers(1, 250, size=int(t))) for p, t in sizes]
    return rows + rows[: n // 2]  # groups often hold equal rows


def test_token_logprobs__are_those_of_every_row_alone(model: Any) -> None:
    rows = _rows(12)
    together = token_logprobs(model, rows, temperature=0.8).detach().numpy()
    alone = []
    for row in rows:
        ids = torch.tensor(np.concatenate([row.prompt, row.response]))[None]
        logprobs = torch.log_softmax(model(ids).logits[0] / 0.8, -1)[len(row.prompt) - 1 : -1]
        alone.append(logprobs.gather(-1, torch.tensor(row.response)[:, None])[:, 0].detach().numpy())
    np.testing.assert_allclose(together, np.concatenate(alone), atol=2e-5)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(1, 100))
def test_packed__keeps_the_order_and_the_bound(lengths: list[int], bound: int) -> None:
    rng = np.random.default_rng(len(lengths))
    rows = [Row(rng.integers(0, 2, size=length), np.zeros(1, dtype=np.int64)) for length in lengths]
    order = list(reversed(range(len(rows))))
    pieces = list(packed(rows, order, bound, share=True))
    assert [i for piece in pieces for i in piece] == order
    for piece in pieces:
        assert len(piece) == 1 or lay_out([rows[i] for i in piece]).ids.size <= bound


def _episodes(n: int) -> list[Row]:
    """Turns whose prompts go on from each other, as with the history in the prompt; some start alike."""
    rng = np.random.default_rng(n)
    rows = []
    for _ in range(n):
        prompt = np.arange(1, 6)
        for _ in range(int(rng.integers(1, 5))):
            rows.append(Row(prompt, rng.integers(1, 250, size=int(rng.integers(1, 4)))))
            prompt = np.concatenate([prompt, rows[-1].response, rng.integers(1, 250, size=3)])
    return rows


def test_token_logprobs__read_what_turns_share_once_and_say_the_same(model: Any) -> None:
    rows = _episodes(6)
    assert lay_out(rows).ids.size < lay_out(rows, share=False).ids.size
    values = []
    for some in ([rows], [[row] for row in rows]):
        model.zero_grad()
        logprobs = torch.cat([token_logprobs(model, part, temperature=0.7) for part in some])
        logprobs.square().sum().backward()  # type: ignore[no-untyped-call]
        gradient = torch.cat([p.grad.flatten() for p in model.parameters()])
        values.append((logprobs.detach().numpy(), gradient.numpy()))
    np.testing.assert_allclose(values[0][0], values[1][0], atol=2e-5)
    np.testing.assert_allclose(values[0][1], values[1][1], atol=2e-3)


def test_hidden_states__do_not_depend_on_what_turns_share(model: Any) -> None:
    rows = _episodes(4)
    together = hidden_states(model, rows, micro_tokens=10_000)
    alone = [hidden_states(model, [row], micro_tokens=10_000) for row in rows]
    np.testing.assert_allclose(together.token, torch.cat([one.token for one in alone]), atol=2e-5)
    np.testing.assert_allclose(together.last, torch.cat([one.last for one in alone]), atol=2e-5)


@given(st.lists(st.binary(max_size=2), min_size=1, max_size=30))
def test_distinct__finds_every_key_among_the_first_ones(keys: list[bytes]) -> None:
    first, equal_to = distinct(keys)
    assert [keys[first[k]] for k in equal_to] == keys
    assert len({keys[i] for i in first}) == len(first)
    assert all(keys.index(keys[i]) == i for i in first)


@pytest.mark.parametrize(
    ("loss", "options"),
    [
        ("ppo", {}),
        ("ppo", {"aggregate": "seq_mean_token_mean"}),
        ("ppo", {"aggregate": "seq_mean_token_sum"}),
        ("ppo", {"aggregate": "seq_mean_token_sum_norm", "width": 8}),
        ("gspo", {}),
        ("a2tgpo", {}),
    ],
)
def test_update__does_not_depend_on_how_a_minibatch_is_cut(
    loss: str, options: dict[str, Any], tmp_path: Path
) -> None:
    config = TrainConfig(
        env=TOY_ID,
        nano=NanoConfig(hidden=16, layers=1, heads=2, vocabulary=280),
        rollout=RolloutConfig(max_new_tokens=3),
        update=UpdateConfig(learning_rate=1e-2, loss=loss, loss_options=options),
    )
    make_start(config, tmp_path / "start")
    rows = _rows(20, seed=1)
    rng = np.random.default_rng(0)
    advantage = [np.full(len(row.response), rng.normal() * (k % 3 > 0)) for k, row in enumerate(rows)]
    weights = []
    for micro_tokens in (10_000, 40):
        cut = replace(config, update=replace(config.update, micro_tokens=micro_tokens))
        policy = Policy(tmp_path / "start", cut, device="cpu")
        old = token_logprobs(policy.model, rows, temperature=1.0).detach().double().numpy()
        bounds = np.cumsum([len(row.response) for row in rows])[:-1]
        number = np.arange(len(rows))
        further = {"clip_scale": [np.full(len(row.response), 1.0 + k % 2) for k, row in enumerate(rows)]}
        experience = Experience(rows, np.split(old, bounds), advantage, number // 5, number // 3, further)
        update_policy(policy, experience, reference=None, seed=[0])
        weights.append(torch.cat([p.detach().flatten() for _, p in policy.trained()]).numpy())
    start = Policy(tmp_path / "start", config, device="cpu")
    before = torch.cat([p.detach().flatten() for _, p in start.trained()]).numpy()
    assert np.abs(weights[0] - before).max() > 5e-3
    gradient_sized = np.abs(weights[0] - before) > 1e-3  # Adam turns rounding of a zero gradient into a step
    np.testing.assert_allclose(weights[0][gradient_sized], weights[1][gradient_sized], atol=2e-3)


def test_token_logprobs__of_a_model_with_a_window_are_those_of_every_row_alone() -> None:
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    model = MistralForCausalLM(MistralConfig(vocab_size=260, sliding_window=4, **sizes, **heads)).eval()
    assert not shares_prefixes(model)
    rows = _episodes(3)
    together = token_logprobs(model, rows, temperature=1.0).detach()
    alone = torch.cat([token_logprobs(model, [row], temperature=1.0).detach() for row in rows])
    np.testing.assert_allclose(together, alone, atol=2e-5)
    pieces = list(packed(rows, range(len(rows)), 40, share=False))
    assert all(len(p) == 1 or lay_out([rows[i] for i in p], share=False).ids.size <= 40 for p in pieces)
