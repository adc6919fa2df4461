"""Colourings of steps: what is recorded, and what methods credit."""

from __future__ import annotations

import numpy as np
import pytest

from agentgym import StepBatch, errors
from agentgym.colourings import Scale, choices, colour
from agentgym.rollout import Episode
from baselines.estimators import advantages
from tests.agentgym.tampering import play
from tests.toys import TOY_ID

EPISODES = [Episode(k, TOY_ID, seed=1, task="test/3-east", group=0) for k in range(4)]


def test_colour__gives_rewards_and_progress_as_recorded() -> None:
    played = play(EPISODES)
    assert colour("reward", played, 2).values == tuple(step.reward for step in played[2].steps)
    progress = colour("progress", played, 1).values
    assert sum(progress) == pytest.approx(played[1].steps[-1].progress)


@pytest.mark.parametrize("method", ["grpo", "gigpo", "rloo"])
def test_colour__credits_a_step_as_the_method_does_within_the_group(method: str) -> None:
    played = play(EPISODES)
    batch = StepBatch.from_trajectories(played)
    expected = advantages(method, batch).step[batch.episode == 1]
    found = colour(method, played, 1)
    assert found.fault is None and np.array_equal(found.values, expected) and any(found.values)


def test_colour__says_what_episodes_lack() -> None:
    found = colour("gae_turn", play(EPISODES[:1]), 0)
    assert found.values == () and found.fault is not None and "'value'" in found.fault


def test_colour__knows_its_names() -> None:
    with pytest.raises(errors.UnknownNameError, match="grpo"):
        colour("grop", play(EPISODES[:1]), 0)


def test_choices__fit_the_episodes() -> None:
    every, fitting = choices(), choices(play(EPISODES[:2]))
    assert "gae_turn" in every["advantages"] and "gae_turn" not in fitting["advantages"]
    assert {"grpo", "gigpo"} <= set(fitting["advantages"]) and fitting["recorded"] == ("reward", "progress")


def test_scale__is_symmetric_and_neutral_at_nothing() -> None:
    scale = Scale(2.0)
    assert [scale.level(v) for v in (-2.0, -1.0, -0.1, 0.0, 0.6, 2.0)] == [-4, -2, 0, 0, 1, 4]
    assert Scale(0.0).level(0.0) == 0
