"""The progress estimator: contributions sum to the outcome and single out the step that matters."""

from __future__ import annotations

import numpy as np

from baselines.estimators import advantages
from baselines.models.companion import Play
from baselines.models.learner import LearnerConfig
from baselines.models.progress import ProgressEstimator
from tests.baselines.models.plays import Said, student, told

_KEY, _OTHERS = 40, (41, 42, 43)


def _plays(seed: int, episodes: int = 60) -> tuple[Play, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Episodes of four steps that are rewarded at the end if the key was said at any one of them."""
    rng = np.random.default_rng(seed)
    said, matters = [], []
    for _ in range(episodes):
        tokens = rng.choice(_OTHERS, size=4)
        if rng.random() < 0.5:
            tokens[rng.integers(4)] = _KEY
        won = float((tokens == _KEY).any())
        said.append([Said([30 + k], [int(t)], won if k == 3 else 0.0) for k, t in enumerate(tokens)])
        matters.append(tokens == _KEY)
    return told(said), np.concatenate(matters)


def test_progress__contributions_sum_to_the_outcome_and_single_out_the_step_that_matters() -> None:
    learner = ProgressEstimator(
        student().model, LearnerConfig(learning_rate=5e-3, epochs=10, batch=16), seed=0
    )
    losses = []
    for update in range(20):
        play, _ = _plays(update)
        learner.columns(play)
        losses.append(learner.learn(play, None, seed=[update])["progress_loss"])
    assert losses[-1] < 0.05 < losses[0]
    play, matters = _plays(1000)
    contributions = learner.columns(play)["process_reward"]
    sums = np.bincount(play.batch.episode, contributions)
    np.testing.assert_allclose(sums, np.bincount(play.batch.episode, play.batch.reward), atol=0.4)
    assert contributions[matters].min() > 0.6
    assert np.abs(contributions[~matters]).max() < 0.3


def test_progress__is_what_spa_rl_reads() -> None:
    play, _ = _plays(0, episodes=4)
    learner = ProgressEstimator(student().model, LearnerConfig(), seed=0)
    batch = play.batch.with_columns(**learner.columns(play), value=np.zeros(len(play.batch)))
    assert len(advantages("spa_rl", batch).step) == len(play.batch)


def test_progress__learns_on_with_what_it_saved() -> None:
    play, _ = _plays(0, episodes=10)
    model = student().model
    one, two = (ProgressEstimator(model, LearnerConfig(batch=4), seed=s) for s in (0, 1))
    for learner in (one, two):
        learner.columns(play)
    one.learn(play, None, seed=[0])
    two.load_state_dict(one.state_dict())
    for learner in (one, two):
        learner.learn(play, None, seed=[1])
    np.testing.assert_array_equal(one.columns(play)["process_reward"], two.columns(play)["process_reward"])
