from __future__ import annotations

import pytest

from agentgym.agents import make_agent
from agentgym.rollout import Episode, collect
from envs.tooluse.python.sandbox import BubblewrapSandbox


@pytest.mark.parametrize(("kind", "score"), [("arithmetic-3", 1.0), ("algebra-1", 1.0), ("program-1", 0.0)])
def test_reckoner__answers_what_a_calculator_can(sandbox: BubblewrapSandbox, kind: str, score: float) -> None:
    episodes = [Episode(n, "agentgym/PythonMath-v0", 0, task=f"test/{kind}/{n}") for n in range(10)]
    assert [played.score for played in collect(episodes, make_agent("reckoner"))] == [score] * 10
