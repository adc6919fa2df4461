"""EPO in an update: the term, its gradient, and when it applies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.models.rows import Row, token_logprobs, token_logprobs_and_entropies
from baselines.trainer.config import EpoConfig, NanoConfig, TrainConfig, UpdateConfig
from baselines.trainer.policy import Policy, make_start
from baselines.trainer.smoothing import EntropySmoothing, EntropyTerm
from baselines.trainer.update import Experience, update_policy
from tests.baselines.models.plays import Said, told
from tests.toys import TOY_ID

_STEEP = EpoConfig(coefficient=1.0, low=0.9, high=1.1, penalty=1.0, epochs=10)


def _term(config: EpoConfig, update: int) -> EntropyTerm:
    """The term after an update whose mean entropies were 1 at both steps."""
    smoothing = EntropySmoothing(config)
    batch = told([[Said([1], [2, 3]), Said([1], [4])], [Said([1], [5])]]).batch
    smoothing.remember(batch)
    return smoothing.term(batch, update)


def test_term__penalises_what_leaves_the_past_and_less_later() -> None:
    term = _term(_STEEP, 0)
    assert term.past.tolist() == [1.0, 1.0]
    assert term.step_index.tolist() == [0, 1, 0]
    entropy, offsets = torch.tensor([1.0, 0.5, 2.0]), torch.tensor([0, 2, 3])
    assert term.penalties(entropy, offsets, [0, 1]).tolist() == [0.0, 1.0, 1.0]
    late = _term(_STEEP, 9).penalties(entropy, offsets, [0, 1])
    assert 0 < float(late[1]) < 0.2


def test_term__short_episodes_are_not_penalised_where_told_so() -> None:
    assert _term(replace(_STEEP, max_steps=2), 0).weight == 1.0
    assert _term(replace(_STEEP, max_steps=4), 0).weight == 0.0


def test_smoothing__remembers_what_it_saved() -> None:
    one, two = EntropySmoothing(_STEEP), EntropySmoothing(_STEEP)
    batch = told([[Said([1], [2, 3]), Said([1], [4])]]).batch
    one.remember(batch)
    two.load_state_dict(one.state_dict())
    for each in (one, two):
        each.remember(batch.with_columns(entropy=[0.25, 0.5, 0.75]))
    np.testing.assert_array_equal(one.term(batch, 1).past, two.term(batch, 1).past)
    assert one.term(batch, 1).past.tolist() == [(1 + 0.375) / 2, (1 + 0.75) / 2]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainConfig, Path]:
    config = TrainConfig(
        env=TOY_ID,
        nano=NanoConfig(hidden=16, layers=1, heads=2, vocabulary=280),
        update=UpdateConfig(learning_rate=1e-2, minibatches=1),
    )
    start = tmp_path_factory.mktemp("run") / "start"
    make_start(config, start)
    return config, start


def _entropy_after(
    config: tuple[TrainConfig, Path], term: EntropyTerm | None, micro_tokens: int = 16384
) -> tuple[float, dict[str, float]]:
    """Mean entropy after an update in which no advantage says anything."""
    settings, start = config
    cut = replace(settings, update=replace(settings.update, micro_tokens=micro_tokens))
    policy = Policy(start, cut, device="cpu")
    rows = [Row(np.array([30, 31 + k]), np.array([40, 41][: 1 + k % 2])) for k in range(6)]
    old = token_logprobs(policy.model, rows, temperature=1.0).detach().double().numpy()
    bounds = np.cumsum([len(row.response) for row in rows])[:-1]
    silent = [np.zeros(len(row.response)) for row in rows]
    experience = Experience(rows, np.split(old, bounds), silent, np.arange(6) // 2, np.arange(6), {})
    stats = update_policy(policy, experience, reference=None, smoothing=term, seed=[0])
    entropy = token_logprobs_and_entropies(policy.model, rows, temperature=1.0)[1]
    return float(entropy.detach().mean()), stats


def _flat_term(past: float, soft: bool) -> EntropyTerm:
    return EntropyTerm(
        replace(_STEEP, coefficient=1.0, soft=soft, penalty=5.0), np.array([past]), np.zeros(6, np.int64), 1.0
    )


def test_update__the_entropy_term_raises_entropy_and_the_soft_penalty_pulls_it_back(
    config: tuple[TrainConfig, Path],
) -> None:
    before, _ = _entropy_after(config, None)
    raised, stats = _entropy_after(config, _flat_term(before, soft=False))
    assert raised > before
    assert stats["epo_penalty"] == 0.0
    hard, stats = _entropy_after(config, _flat_term(before / 2, soft=False))
    assert hard == pytest.approx(raised), "the paper's constant penalty has no gradient"
    assert stats["epo_penalty"] == pytest.approx(5.0)
    pulled, _ = _entropy_after(config, _flat_term(before / 2, soft=True))
    assert pulled < before


def test_update__the_entropy_term_does_not_depend_on_how_the_work_is_cut(
    config: tuple[TrainConfig, Path],
) -> None:
    found = [_entropy_after(config, _flat_term(2.0, soft=True), tokens)[1] for tokens in (16384, 5)]
    assert found[0]["loss"] == pytest.approx(found[1]["loss"], rel=1e-5)
    assert found[0]["gradient_norm"] == pytest.approx(found[1]["gradient_norm"], rel=1e-4)
