"""Agent specifications and the scripted agents."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentgym.agents import Agent, agent_specs, decisions_of, make_agent
from agentgym.agents.human import HumanAgent
from agentgym.errors import ArgumentError, TrajectoryError, UnknownNameError
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Turn, write_trajectories
from tests.toys import TOY_ID


def test_make_agent__makes_agents_that_know_their_spec() -> None:
    for spec in ("random", "oracle", "human"):
        agent = make_agent(spec)
        assert isinstance(agent, Agent)
        assert agent.spec == spec


def test_make_agent__suggests_and_explains() -> None:
    with pytest.raises(UnknownNameError, match="'random'"):
        make_agent("randon")
    with pytest.raises(ArgumentError, match="hf:<folder>"):
        make_agent("hf")
    with pytest.raises(ArgumentError, match="'random'"):
        make_agent("random:fast")
    with pytest.raises(ArgumentError, match="temperature"):
        make_agent("random", temperature=1)
    assert "replay:<file>" in agent_specs()


def test_random__draws_text_where_the_set_is_open() -> None:
    turn = Turn("x", 0, 0, "say something", {"admissible_actions": None}, [])
    one, two = (decisions_of(make_agent("random"), [turn])[0].action for _ in range(2))
    assert one == two
    assert one


def test_random__covers_the_admissible_actions() -> None:
    info = {"admissible_actions": ("a", "b", "c")}
    turns = [Turn("x", k, 0, "", info, []) for k in range(300)]
    drawn = [decision.action for decision in decisions_of(make_agent("random"), turns)]
    assert {action: 70 < drawn.count(action) < 130 for action in drawn} == {"a": True, "b": True, "c": True}


def test_replay__plays_a_recorded_run_again(tmp_path: Path) -> None:
    episodes = [Episode(k, TOY_ID, seed=k) for k in range(6)]
    recorded = sorted(collect(episodes, make_agent("random")), key=lambda t: t.episode)
    write_trajectories(tmp_path / "run.jsonl", recorded)
    agent = make_agent(f"replay:{tmp_path / 'run.jsonl'}")
    again = sorted(collect(episodes, agent), key=lambda t: t.episode)
    assert [t.steps for t in again] == [t.steps for t in recorded]


def test_replay__says_what_it_lacks(tmp_path: Path) -> None:
    write_trajectories(tmp_path / "run.jsonl", collect([Episode(0, TOY_ID, seed=0)], make_agent("oracle")))
    agent = make_agent(f"replay:{tmp_path / 'run.jsonl'}")
    with pytest.raises(TrajectoryError, match="has no turn 0 of episode 1"):
        list(collect([Episode(1, TOY_ID, seed=0)], agent))


def test_human__shows_the_goal_once_and_asks_each_turn() -> None:
    shown: list[str] = []
    agent = HumanAgent(shown.append, lambda prompt: "go east")
    (trajectory,) = collect([Episode(0, TOY_ID, seed=0, task="train/4-east")], agent)
    assert trajectory.success
    assert {step.decision.action for step in trajectory.steps} == {"go east"}
    assert sum("You can: " in text for text in shown) == len(trajectory.steps)
