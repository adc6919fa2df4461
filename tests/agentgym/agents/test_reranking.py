"""Best of several: who judges, what is taken, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentgym.agents import make_agent
from agentgym.agents.reranking import RerankingAgent
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Trajectory
from tests.agentgym.agents.learners import Stubborn, Wavering
from tests.toys import TOY_ID


def _play(agent: Any, n: int = 8) -> list[Trajectory]:
    kwargs = {"wind": 0.0, "max_steps": 9}
    episodes = [Episode(k, TOY_ID, seed=k, task="train/3-east", env_kwargs=kwargs) for k in range(n)]
    return sorted(collect(episodes, agent, agent_seed=5), key=lambda t: t.episode)


def _wins(agent: Any) -> int:
    return sum(t.success for t in _play(agent, 24))


def test_reranking__one_candidate_is_the_agent_itself() -> None:
    alone, one = _play(Wavering()), _play(RerankingAgent(Wavering(), k=1))
    assert [t.without_timing().to_json() for t in one] == [
        replace(t, agent="rerank:wavering").without_timing().to_json() for t in alone
    ]


def test_reranking__the_judge_decides() -> None:
    assert _wins(RerankingAgent(Wavering(), judge="self", k=6)) == 24, "it knows that east is good"
    assert _wins(RerankingAgent(Wavering(), judge="likelihood", k=6)) < _wins(Wavering())
    assert _wins(RerankingAgent(Wavering(0.8), judge="votes", k=7)) > _wins(Wavering(0.8))


@pytest.mark.parametrize(("east", "wins"), [(0.4, True), (0.05, False)])
def test_reranking__the_admissible_actions_are_candidates_too(east: float, wins: bool) -> None:
    played = _play(RerankingAgent(Wavering(east), judge="likelihood", candidates="admissible"))
    assert [t.success for t in played] == [wins] * 8
    assert [t.tokens for t in played] == [0] * 8


def test_reranking__counts_every_candidate_and_what_the_judge_asked() -> None:
    (played,) = _play(RerankingAgent(Wavering(), judge="votes", k=4), 1)
    assert played.tokens == len(played.steps) * 4 * 2
    (marked,) = _play(RerankingAgent(Stubborn(), judge="self", k=3), 1)
    assert marked.cost == pytest.approx(len(marked.steps) * (3 + 1) * 0.5)
    assert Trajectory.from_json(marked.to_json()).steps == marked.steps


def test_reranking__works_below_reflection() -> None:
    agent = make_agent("reflect:rerank:stubborn", k=2, tries=2, judge="votes", advice="go west")
    assert agent.spec == "reflect:rerank:stubborn"
    with pytest.raises(ArgumentError, match="Write reflect:rerank"):
        make_agent("rerank:reflect:random")


class _Failing(Wavering):
    """Has no answer for episode 2."""

    def act(self, turns: Any) -> Any:
        return [
            RuntimeError("no answer") if turn.episode == 2 else answer
            for turn, answer in zip(turns, super().act(turns), strict=True)
        ]


def test_reranking__an_agent_that_fails_breaks_its_own_episode_alone() -> None:
    played = _play(RerankingAgent(_Failing(), k=3))
    assert [t.episode for t in played if t.error is not None] == [2]


def test_reranking__says_what_it_cannot_do() -> None:
    with pytest.raises(UnknownNameError, match="'votes'"):
        make_agent("rerank:random", judge="vote")
    with pytest.raises(ArgumentError, match="tells no likelihoods"):
        make_agent("rerank:random", judge="likelihood")
    with pytest.raises(ArgumentError, match="judge=self"):
        make_agent("rerank:random", judge="votes", candidates="admissible")
    with pytest.raises(ArgumentError, match="`k` is 0"):
        make_agent("rerank:random", k=0)
