"""What a run has learnt of steps chooses among candidate actions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentgym.agents import make_agent
from agentgym.agents.reranking import RerankingAgent
from agentgym.errors import ArgumentError, CheckpointError
from agentgym.rollout import Episode, collect
from baselines.trainer import TrainConfig, train
from baselines.trainer.config import CloneConfig, CriticConfig, NanoConfig, RolloutConfig, UpdateConfig
from tests.agentgym.agents.learners import Wavering
from tests.toys import TOY_ID

_TINY = TrainConfig(
    env=TOY_ID,
    env_options={"wind": 0.0, "max_steps": 8},
    prompt={"instruction": True},
    updates=10,
    checkpoint_every=10,
    nano=NanoConfig(hidden=32, layers=1, heads=2, vocabulary=300),
    clone=CloneConfig(episodes=60, epochs=6, batch=16, learning_rate=5e-3, noise=0.5),
    rollout=RolloutConfig(groups=8, group_size=8, max_new_tokens=4),
    update=UpdateConfig(learning_rate=1e-4),
    critic=CriticConfig(batch=64, epochs=8, learning_rate=5e-3),
)


def _wins(agent: RerankingAgent) -> int:
    tasks = ("train/3-east", "train/3-west")
    kwargs = {"wind": 0.0, "max_steps": 8}
    episodes = [Episode(k, TOY_ID, seed=k, task=tasks[k % 2], env_kwargs=kwargs) for k in range(24)]
    return sum(t.success for t in collect(episodes, agent, agent_seed=1))


@pytest.mark.parametrize("estimator", ["archer", "spa_rl", "istar"])
def test_judging__learned_parts_score_any_agents_answers(estimator: str, tmp_path: Path) -> None:
    config = replace(_TINY, estimator=estimator, updates=10 if estimator == "archer" else 1)
    train(config, tmp_path, device="cpu")
    judge = f"learned:{tmp_path}"
    agent = RerankingAgent(Wavering(0.5), judge=judge, k=4)
    wins = _wins(agent)
    if estimator == "archer":
        assert wins > _wins(RerankingAgent(Wavering(0.5), k=1)), "its Q has learnt nothing"
    listed = make_agent(f"rerank:hf:{tmp_path / 'model'}", judge=judge, candidates="admissible")
    (played,) = collect([Episode(0, TOY_ID, seed=0)], listed)
    assert all(step.valid for step in played.steps)


def test_judging__says_what_it_lacks(tmp_path: Path) -> None:
    train(replace(_TINY, updates=1, clone=CloneConfig()), tmp_path / "grpo", device="cpu")
    with pytest.raises(ArgumentError, match="no critic of actions"):
        make_agent("rerank:random", judge=f"learned:{tmp_path / 'grpo'}")
    with pytest.raises(CheckpointError, match="no run of"):
        make_agent("rerank:random", judge=f"learned:{tmp_path}")
