"""The implicit process reward model: preferred steps score above rejected ones, by an exact gradient."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from agentgym.batch import StepBatch
from agentgym.errors import ArgumentError
from baselines.models.companion import Play
from baselines.models.learner import LearnerConfig
from baselines.models.preference import PreferenceModel, Reduction, preference_weights
from tests.baselines.models.plays import Said, student, told

_GOOD, _BAD, _NEUTRAL = 40, 41, 42


def _play() -> Play:
    """Two groups of four: half say the good token once and win, half the bad one and lose."""
    episodes = []
    for number in range(8):
        key, won = (_GOOD, 1.0) if number % 2 else (_BAD, 0.0)
        at = number % 3
        episodes.append(
            [Said([30 + k], [key if k == at else _NEUTRAL, 5], won if k == 2 else 0.0) for k in range(3)]
        )
    return told(episodes, groups=[0, 0, 0, 0, 1, 1, 1, 1])


def _model(
    *, learning_rate: float = 1e-3, epochs: int = 1, micro_tokens: int = 16384, reduction: Reduction = "sum"
) -> PreferenceModel:
    reference = student(hidden=16).model.requires_grad_(False)
    model = copy.deepcopy(reference).requires_grad_(True)
    config = LearnerConfig(learning_rate, epochs)
    return PreferenceModel(
        model, reference, beta=0.5, config=config, reduction=reduction, micro_tokens=micro_tokens
    )


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_preference__scores_preferred_steps_above_rejected_ones(reduction: Reduction) -> None:
    play = _play()
    model = _model(learning_rate=3e-3, epochs=5, reduction=reduction)
    assert not model.columns(play)["process_reward"].any(), "it starts as its reference"
    losses = [model.learn(play, None, seed=[k])["preference_loss"] for k in range(10)]
    assert losses[-1] < min(0.3, losses[0])
    scores = model.columns(play)["process_reward"]
    key = np.array([row.response[0] for row in play.rows])
    assert scores[key == _GOOD].min() > scores[key == _BAD].max()
    assert scores[key == _GOOD].min() > scores[key == _NEUTRAL].max()


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_preference_weights__are_the_derivative_of_the_loss(reduction: Reduction) -> None:
    batch = _uneven_batch()
    scores = torch.tensor(np.random.default_rng(0).normal(size=len(batch)), requires_grad=True)
    q = torch.zeros(4, dtype=torch.float64).index_add(0, torch.tensor(batch.episode.copy()), scores)
    q = q / torch.tensor(np.bincount(batch.episode)) if reduction == "mean" else q
    pairs = [(1, 0), (1, 2)]  # episode 3 is alone in its group; 0 and 2 agree
    loss = torch.stack([-torch.nn.functional.logsigmoid(q[i] - q[j]) for i, j in pairs]).mean()
    loss.backward()  # type: ignore[no-untyped-call]
    found, weight = preference_weights(scores.detach().numpy(), batch, reduction)
    assert found == pytest.approx(float(loss.detach()))
    assert scores.grad is not None
    np.testing.assert_allclose(weight, scores.grad.numpy(), atol=1e-12)


def test_preference_weights__without_a_pair_there_is_nothing_to_learn() -> None:
    batch = _uneven_batch().with_columns(outcome=np.ones(7))
    loss, weight = preference_weights(np.arange(7.0), batch, "sum")
    assert loss == 0.0
    assert not weight.any()


def test_preference__does_not_depend_on_how_the_work_is_cut() -> None:
    play = _play()
    scores = []
    for micro_tokens in (16384, 6):
        model = _model(micro_tokens=micro_tokens)
        model.learn(play, None, seed=[0])
        scores.append(model.columns(play)["process_reward"])
    assert np.abs(scores[0]).max() > 1e-3
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-4)


def test_preference__learns_on_with_what_it_saved() -> None:
    play = _play()
    one, two = _model(), _model()
    one.learn(play, None, seed=[0])
    two.load_state_dict(one.state_dict())
    for model in (one, two):
        model.learn(play, None, seed=[1])
    np.testing.assert_array_equal(one.columns(play)["process_reward"], two.columns(play)["process_reward"])


def test_preference__an_unknown_reduction_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="`reduction` is 'max'"):
        _model(reduction="max")  # type: ignore[arg-type]


def _uneven_batch() -> StepBatch:
    lengths = [1, 3, 2, 1]
    rows = sum(lengths)
    episode = np.repeat(np.arange(4), lengths)
    return StepBatch.from_columns(
        episode=episode,
        group=np.array([0, 0, 0, 1])[episode],
        reward=np.zeros(rows),
        outcome=np.array([0.0, 1.0, 0.0, 5.0])[episode],
        state=np.zeros(rows, np.int64),
        action=np.zeros(rows, np.int64),
        terminated=np.zeros(rows, np.bool_),
        truncated=np.zeros(rows, np.bool_),
        agent=np.zeros(rows, np.int64),
        valid=np.ones(rows, np.bool_),
        token_offsets=np.zeros(rows + 1, np.int64),
    )
