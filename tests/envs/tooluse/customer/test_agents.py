from __future__ import annotations

import pytest

from agentgym.agents import make_agent
from agentgym.evaluation.evaluate import evaluate
from envs.tooluse.formats import FORMATS

ENV = "agentgym/CustomerService-v0"


def test_idle__scores_nothing_and_stands_beside_the_oracle() -> None:
    result = evaluate(ENV, "idle", episodes=20)
    scores = {row: metrics.success.value for row, metrics in result.rows.items()}
    assert scores == {"agent": 0.0, "floor": 0.0, "ceiling": 1.0}
    assert result.rows["agent"].turns.value == 1.0


def test_clerk__serves_what_needs_an_order_alone() -> None:
    result = evaluate(ENV, "clerk", episodes=400, baselines=False)
    parts = {name.split()[-1]: success.value for name, success in result.parts["agent"].items()}
    assert {kind for kind, value in parts.items() if value == 1.0} >= {
        "cancel",
        "address",
        "late",
        "refuse",
        "human",
    }
    assert {kind for kind, value in parts.items() if value == 0.0} == {"swap", "buy", "two"}
    assert result.rows["agent"].invalid_rate.value == 0.0
    assert not result.rows["agent"].errored


@pytest.mark.parametrize("name", FORMATS)
def test_clerk__speaks_every_format(name: str) -> None:
    options = {"action_format": name}
    result = evaluate(
        ENV, "clerk", episodes=10, baselines=False, env_kwargs=options, agent_options=options, seed=1
    )
    assert result.rows["agent"].success.value >= 0.5
    assert make_agent("clerk", **options).spec == "clerk"
