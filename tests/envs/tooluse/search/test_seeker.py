from __future__ import annotations

from agentgym.agents import make_agent
from agentgym.rollout import Episode, collect


def _scores(kind: str, tasks: int) -> list[float]:
    episodes = [Episode(n, "agentgym/SearchQA-v0", 0, task=f"test/{kind}/{n}") for n in range(tasks)]
    return [played.score for played in collect(episodes, make_agent("seeker"))]


def test_seeker__compares_two_things() -> None:
    assert _scores("compare", 20) == [1.0] * 20


def test_seeker__stands_between_floor_and_oracle() -> None:
    scores = _scores("1-hop", 40)
    assert 0.4 < sum(scores) / len(scores) < 0.95
    assert sum(_scores("3-hop", 20)) < 6
