"""The agent that matches words."""

from __future__ import annotations

import pytest

import agentgym  # registers the environments
from agentgym.agents import make_agent
from agentgym.rollout import Episode, collect

ID = "agentgym/FunctionCalling-v0"


@pytest.mark.parametrize("action_format", ["hermes", "pycall"])
def test_matcher__solves_a_good_part_of_what_is_easy(action_format: str) -> None:
    kwargs = {"difficulty": "easy", "split": "test", "prompt": "none", "action_format": action_format}
    episodes = [Episode(number, ID, seed=number, env_kwargs=kwargs) for number in range(60)]
    played = list(collect(episodes, make_agent("matcher", action_format=action_format)))
    assert agentgym.registry.full_id("FunctionCalling-v0") == ID
    assert 0.4 < sum(each.success for each in played) / len(played) < 0.95
    assert all(each.error is None for each in played)
