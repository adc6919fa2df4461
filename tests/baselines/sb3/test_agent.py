from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import agentgym
from agentgym.agents.protocol import decisions_of
from agentgym.agents.specs import agent_specs, make_agent
from agentgym.errors import ArgumentError, DataError
from agentgym.evaluation import evaluate
from agentgym.turns import Turn

_GAME = "agentgym/TicTacToe-v0"


def _turns(count: int) -> list[Turn]:
    env, turns = agentgym.make_env(_GAME), []
    for episode in range(count):
        observation, info = env.reset(seed=episode)
        observation, _, _, _, info = env.step(info["admissible_actions"][episode % 9])
        turns.append(Turn(_GAME, episode, 0, observation, info, []))
    return turns


def test_agent__is_evaluated_like_every_other(trained: Path, tmp_path: Path) -> None:
    assert "sb3:<folder>" in agent_specs()
    result = evaluate(_GAME, f"sb3:{trained}", episodes=60, out=tmp_path, baselines=True)
    assert result.rows["agent"].success.value > result.rows["floor"].success.value + 0.15
    assert result.rows["agent"].invalid_rate.value == 0.0


def test_agent__chooses_alike_in_every_batch(trained: Path) -> None:
    agent, turns = make_agent(f"sb3:{trained}", temperature=1.0), _turns(12)
    together = [decision.action for decision in decisions_of(agent, turns)]
    alone = [decisions_of(agent, [turn])[0].action for turn in turns]
    assert together == alone
    assert agent.act([]) == []


def test_agent__draws_at_a_temperature_and_takes_the_best_at_0(trained: Path) -> None:
    turn = _turns(1)[0]
    many = [Turn(_GAME, episode, 0, turn.observation, turn.info, []) for episode in range(200)]
    best, drawn = (
        [d.action for d in decisions_of(make_agent(f"sb3:{trained}", temperature=t), many)] for t in (0, 5.0)
    )
    assert len(set(best)) == 1
    assert len(set(drawn)) > 3
    assert set(drawn) <= set(turn.info["admissible_actions"])
    with pytest.raises(ArgumentError, match="temperature"):
        make_agent(f"sb3:{trained}", temperature=-1)


@pytest.mark.parametrize(
    "damage",
    [
        {"schema": "agentgym.sb3/2"},
        {"view_size": -1},
        {"view_size": 27},
        {"config": {"algo": "rm"}},
        {"config": {"network": {"hidden": 10**9}}},
    ],
)
def test_agent__refuses_a_broken_model(damage: dict[str, object], trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / "model", tmp_path / "model")
    path = tmp_path / "model" / "agent.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **damage}))
    with pytest.raises(DataError, match="model"):
        make_agent(f"sb3:{tmp_path}")


def test_agent__refuses_a_folder_without_a_model_and_a_pickle_as_weights(
    trained: Path, tmp_path: Path
) -> None:
    with pytest.raises(ArgumentError, match="holds no model"):
        make_agent(f"sb3:{tmp_path}")
    shutil.copytree(trained / "model", tmp_path / "model")
    (tmp_path / "model" / "weights.safetensors").write_bytes(b"\x80\x04cos\nsystem\n")
    with pytest.raises(DataError, match="no readable model"):
        make_agent(f"sb3:{tmp_path}")


def test_agent__of_one_environment_says_so_on_another(trained: Path) -> None:
    env = agentgym.make_env("agentgym/SokobanSmall-v0")
    observation, info = env.reset(seed=0)
    with pytest.raises(ArgumentError, match="trained on agentgym/TicTacToe-v0"):
        make_agent(f"sb3:{trained}").act([Turn("agentgym/SokobanSmall-v0", 0, 0, observation, info, [])])
