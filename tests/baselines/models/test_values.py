"""Value heads and ArCHer's critics learn the value of a policy whose value is known."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from agentgym.errors import AgentGymError
from baselines.estimators import Advantages, advantages, make_estimator
from baselines.models.archer import ArcherCritics
from baselines.models.companion import Play
from baselines.models.learner import LearnerConfig
from baselines.models.values import ValueHeads
from tests.baselines.models.plays import corridor, student

_GAMMA = 0.8
_FAST = LearnerConfig(learning_rate=5e-3, epochs=10, batch=64)


def _known_values(play: Play, gamma: float) -> NDArray[np.float64]:
    """An expert d steps from its door reaches it surely: the value there is gamma^(d - 1)."""
    values = []
    for trajectory in play.trajectories:
        for step in trajectory.steps:
            cell = int(re.findall(r"You are (\d) steps", step.observation)[0])
            distance = 6 - cell if step.decision.action == "go east" else cell
            values.append(gamma ** (distance - 1))
    return np.array(values)


def _heads(agent: Any, *names: str, clip: float | None = None) -> ValueHeads:
    return ValueHeads(agent.model, names, _FAST, encode=agent.encode, seed=0, clip=clip)


@pytest.mark.parametrize(
    ("column", "estimator"),
    [("value", "gae_turn"), ("value_token", "gae_token")],
)
def test_value_heads__converge_to_the_discounted_return_of_a_fixed_policy(
    column: str, estimator: str
) -> None:
    agent = student()
    play = corridor(agent, 60)
    heads = _heads(agent, column)
    options = {"gamma": _GAMMA} if column == "value" else {}  # tokens: undiscounted, so the value is 1
    method = make_estimator(estimator, whiten="none", **options)
    untrained = heads.columns(play)[column]
    assert not untrained.any()
    for update in range(30):
        batch = play.batch.with_columns(**heads.columns(play))
        metrics = heads.learn(play, method(batch), seed=[update])
    assert metrics.keys() == {f"{column}_loss"}
    values = heads.columns(play)[column]
    if column == "value":
        np.testing.assert_allclose(values, _known_values(play, _GAMMA), atol=0.1)
    else:
        np.testing.assert_allclose(values, 1.0, atol=0.1)


def test_value_heads__token_and_turn_read_the_same_state() -> None:
    agent = student()
    play = corridor(agent, 4)
    heads = _heads(agent, "value_token", "value")
    heads.columns(play)
    token, turn = heads._states["value_token"], heads._states["value"]
    assert torch.equal(token[torch.tensor(play.batch.token_offsets[:-1])], turn)
    alone = _heads(agent, "value")
    alone.columns(play)
    torch.testing.assert_close(alone._states["value"], turn, atol=1e-5, rtol=0)


def test_value_heads__bootstrap_reads_the_prompt_that_would_have_come_next() -> None:
    agent = student()
    play = corridor(agent, 6, waits=True, max_steps=4)
    assert play.batch.truncated.sum() == 6
    heads = _heads(agent, "value")
    batch = play.batch.with_columns(**heads.columns(play))
    heads.learn(
        play, make_estimator("gae_turn", whiten="none")(batch.with_columns(reward=batch.episode)), seed=[0]
    )
    columns = heads.columns(play)
    ends = np.flatnonzero(play.batch.truncated)
    np.testing.assert_allclose(
        columns["bootstrap"][ends], columns["value"][ends], atol=1e-5
    )  # the same prompt
    assert columns["bootstrap"][ends].any()
    assert not np.delete(columns["bootstrap"], ends).any()


def test_value_heads__a_clip_holds_the_change_back() -> None:
    agent = student()
    play = corridor(agent, 20)
    means = []
    for clip in (None, 0.05):
        heads = _heads(agent, "value", clip=clip)
        batch = play.batch.with_columns(**heads.columns(play))
        heads.learn(play, make_estimator("gae_turn", whiten="none")(batch), seed=[0])
        means.append(heads.columns(play)["value"].mean())
    assert 0.0 < means[1] < means[0] - 0.1


def test_value_heads__segments_train_the_high_head_where_they_start() -> None:
    agent = student()
    play = corridor(agent, 100)
    heads = _heads(agent, "value", "value_high", "value_term")
    subgoal = np.random.default_rng(0).random(len(play.batch)) < 0.5
    role = np.ones(play.batch.tokens, np.int64)
    for update in range(30):
        batch = play.batch.with_columns(**heads.columns(play), subgoal=subgoal, token_role=role)
        estimate = advantages("hiper", batch, gamma=_GAMMA, norm="none")
        heads.learn(play._replace(batch=batch), estimate, seed=[update])
    columns = heads.columns(play)
    known = _known_values(play, _GAMMA)
    starts = np.flatnonzero(estimate.starts)
    assert len(starts) < len(known)
    np.testing.assert_allclose(columns["value"], known, atol=0.15)
    np.testing.assert_allclose(columns["value_term"], known, atol=0.15)
    np.testing.assert_allclose(columns["value_high"][starts], known[starts], atol=0.15)


def test_value_heads__a_method_without_returns_cannot_train_them() -> None:
    agent = student()
    play = corridor(agent, 2)
    heads = _heads(agent, "value")
    heads.columns(play)
    with pytest.raises(AgentGymError, match="returns no 'returns'"):
        heads.learn(play, Advantages(np.zeros(len(play.batch))), seed=[0])


def test_archer_critics__converge_to_the_discounted_return_of_a_fixed_policy() -> None:
    agent = student()
    play = corridor(agent, 60)
    critics = ArcherCritics(agent.model, _FAST, encode=agent.encode, gamma=_GAMMA, target_rate=0.1, seed=0)
    for update in range(60):
        batch = play.batch.with_columns(**critics.columns(play))
        critics.learn(play, make_estimator("archer")(batch), seed=[update])
    columns = critics.columns(play)
    known = _known_values(play, _GAMMA)
    np.testing.assert_allclose(columns["value"], known, atol=0.15)
    np.testing.assert_allclose(columns["rewards"].min(1), known, atol=0.15)


def test_archer_critics__a_truncated_episode_goes_on_and_one_that_broke_off_does_not() -> None:
    agent = student()
    play = corridor(agent, 3, waits=True, max_steps=4)
    critics = ArcherCritics(agent.model, _FAST, encode=agent.encode, gamma=_GAMMA, target_rate=0.1, seed=0)
    seen = critics._read(play)
    assert not seen.ended.any()
    ends = np.flatnonzero(play.batch.truncated)
    torch.testing.assert_close(
        seen.beyond[ends], seen.state[ends], atol=1e-5, rtol=0
    )  # it waits: same prompt
    torch.testing.assert_close(seen.beyond[0], seen.state[1], atol=0, rtol=0)
    broken = play._replace(batch=play.batch.with_columns(truncated=np.zeros(len(play.batch), np.bool_)))
    assert critics._read(broken).ended.numpy().astype(bool).tolist() == play.batch.truncated.tolist()
