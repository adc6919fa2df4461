"""Behaviour cloning: what is demonstrated, and that it is learnt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agentgym.agents.hf import HFAgent
from agentgym.rollout import Episode, collect
from baselines.models import build_nano, train_tokenizer
from baselines.trainer.clone import DemonstrationAgent, clone, demonstrations
from baselines.trainer.config import CloneConfig
from tests.toys import TOY_ID

_QUIET = {"wind": 0.0, "max_steps": 12}


@pytest.fixture
def student() -> HFAgent:
    texts = ["You must leave by the west door. You are 3 steps from the west door.", "go west", "go east"]
    tokenizer = train_tokenizer([*texts, "wait", "east"], vocabulary=300)
    model = build_nano(tokenizer, hidden=32, layers=1, heads=2)
    return HFAgent(model, tokenizer, max_new_tokens=4)


def _episodes(n: int) -> list[Episode]:
    return [Episode(k, TOY_ID, seed=k, env_kwargs=_QUIET) for k in range(n)]


def _said(student: HFAgent, rows: list[Any]) -> list[str]:
    return [student.tokenizer.decode(row.response) for row in rows]


def test_demonstrations__are_the_experts_words_and_the_end_token(student: HFAgent) -> None:
    said = _said(student, demonstrations(student, _episodes(10)))
    assert {text.removesuffix("<|end|>") for text in said} == {"go west", "go east"}
    assert all(text.endswith("<|end|>") for text in said)


def test_demonstrations__noise_is_the_share_of_slips(student: HFAgent) -> None:
    played = list(collect(_episodes(200), DemonstrationAgent(student, 0.5)))
    slips = np.mean([s.decision.action != f"go {t.task_id.split('-')[1]}" for t in played for s in t.steps])
    assert 0.28 < slips < 0.39  # half of the turns, and two of three random actions differ from the expert's
    again = list(collect(_episodes(200), DemonstrationAgent(student, 0.5), slots=3))
    assert sorted(len(t.steps) for t in again) == sorted(len(t.steps) for t in played)


def test_clone__learns_what_was_demonstrated(student: HFAgent) -> None:
    rows = demonstrations(student, _episodes(60))
    losses = clone(student.model, rows, CloneConfig(epochs=15, batch=16, learning_rate=5e-3), seed=0)
    assert np.mean(losses[-5:]) < 0.1 < np.mean(losses[:5])
    played = list(collect(_episodes(20), student))
    assert np.mean([t.success for t in played]) > 0.9


def test_clone__reports_every_step(student: HFAgent) -> None:
    rows = demonstrations(student, _episodes(8))
    seen: list[tuple[int, int]] = []
    losses = clone(
        student.model,
        rows,
        CloneConfig(epochs=2, batch=8),
        seed=0,
        on_step=lambda done, total, loss: seen.append((done, total)),
    )
    assert [done for done, _ in seen] == list(range(1, len(losses) + 1))
    assert {total for _, total in seen} == {len(losses)}
