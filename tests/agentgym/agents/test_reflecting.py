"""Reflect, then retry: what is played again, what it is told, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentgym.agents import make_agent
from agentgym.agents.reflecting import ReflectingAgent
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.replay import replay
from agentgym.rollout import Episode, Isolation, RunPlan, play, run
from agentgym.trajectory import Trajectory
from tests.agentgym.agents.learners import Stubborn
from tests.agentgym.rollout.faulty import FAULTY_ID
from tests.toys import TOY_ID

_EAST, _WEST = "train/3-east", "train/2-west"


def _episodes(*tasks: str, **kwargs: object) -> list[Episode]:
    kwargs = {"wind": 0.0, **kwargs}
    return [Episode(k, TOY_ID, seed=k, task=task, env_kwargs=kwargs) for k, task in enumerate(tasks)]


def _played(agent: ReflectingAgent, episodes: list[Episode], slots: int = 64) -> list[Trajectory]:
    return sorted(play(episodes, agent, slots=slots), key=lambda t: t.episode)


def test_reflecting__plays_a_failure_again_with_its_own_words() -> None:
    inner = Stubborn()
    failed, solved = _played(ReflectingAgent(inner), _episodes(_EAST, _WEST))
    assert failed.success
    assert [s.decision.action for s in failed.steps] == ["go east"] * 3
    assert failed.steps[0].decision.note.endswith("Turn 1. I should go east.")
    assert [s.decision.note for s in failed.steps[1:]] == ["", ""]
    assert solved.success
    assert all(not s.decision.note for s in solved.steps)
    (question,) = [t for t in inner.asked if "You played this and failed" in t.observation]
    assert "Turn 0: go west\n" in question.observation
    assert "You are 0 steps from the west door." in question.observation
    assert question.info["admissible_actions"] is None


def test_reflecting__an_episode_carries_what_all_its_tries_cost() -> None:
    failed, solved = _played(ReflectingAgent(Stubborn()), _episodes(_EAST, _WEST))
    assert solved.tokens == 2 * 2
    assert failed.tokens == 2 * (3 + 1 + 3)  # three turns, the reflection, three turns
    assert failed.cost == pytest.approx(0.5 * 7)
    usage = failed.steps[0].decision.usage
    assert usage is not None
    assert usage["prompt_tokens"] == 5 * (1 + 1 + 3)
    assert Trajectory.from_json(failed.to_json()).steps == failed.steps


def test_reflecting__goes_on_from_the_turn_that_it_names() -> None:
    (played,) = _played(ReflectingAgent(Stubborn(), retry_from="turn"), _episodes(_EAST))
    assert [s.decision.action for s in played.steps] == [
        "go west",
        "go east",
        "go east",
        "go east",
        "go east",
    ]
    assert played.tokens == 2 * (3 + 1 + 4)  # the first turn was generated once
    assert played.steps[0].decision.note == ""
    assert played.steps[1].decision.note != ""


@pytest.mark.parametrize("retry_from", ["start", "turn"])
def test_reflecting__what_counts_replays(retry_from: str, tmp_path: Path) -> None:
    options = {"retry_from": retry_from, "tries": 3}
    agent = make_agent("reflect:stubborn", **options)
    assert agent.spec == "reflect:stubborn"
    plan = RunPlan(agent.spec, 0, _episodes(_EAST, _WEST, "train/1-east", wind=0.3))
    played = run(plan, agent, tmp_path)
    assert [replay(t) for t in played] == [None] * 3, "they part from what they recorded"
    again = run(replace(plan), make_agent("reflect:stubborn", **options), tmp_path)
    assert [t.to_json() for t in again] == [t.to_json() for t in played]


def test_reflecting__gives_up_after_its_tries_and_never_counts_twice() -> None:
    inner = Stubborn(advice="go west")
    played = _played(ReflectingAgent(inner, tries=3), _episodes(*[_EAST] * 5), slots=2)
    assert [t.episode for t in played] == [0, 1, 2, 3, 4]
    assert not any(t.success for t in played)
    assert sum("You played this" in t.observation for t in inner.asked) == 2 * 5
    assert [t.tokens for t in played] == [2 * (3 + 1 + 3 + 1 + 3)] * 5


def test_reflecting__waits_for_nobody_and_asks_in_batches() -> None:
    alone, together = Stubborn(), Stubborn()
    one = _played(ReflectingAgent(alone), _episodes(*[_EAST] * 6), slots=1)
    six = _played(ReflectingAgent(together), _episodes(*[_EAST] * 6), slots=6)
    assert [t.without_timing() for t in one] == [t.without_timing() for t in six]
    assert alone.calls == 6 * together.calls


def test_reflecting__has_new_chance_in_every_try() -> None:
    inner = Stubborn(advice="go west")
    _played(ReflectingAgent(inner, tries=2), _episodes(_EAST))
    assert len(set(inner.drawn)) == len(inner.drawn) == 3 + 1 + 3


def test_reflecting__does_not_learn_from_an_episode_that_broke() -> None:
    inner = Stubborn()
    episodes = [Episode(0, FAULTY_ID, seed=0, task=_EAST, env_kwargs={"wind": 0.0, "fault": "raise"})]
    (played,) = _played(ReflectingAgent(inner), episodes)
    assert played.error is not None
    assert not any("You played this" in turn.observation for turn in inner.asked)


def test_reflecting__an_environment_may_die_in_a_second_try(tmp_path: Path) -> None:
    (tmp_path / "train-4-east").touch()  # the fault of this task has happened: it comes once elsewhere
    tasks = ["train/4-east", "train/3-east"]
    kwargs = {"wind": 0.0, "fault": "die", "marks": str(tmp_path)}
    episodes = [Episode(k, FAULTY_ID, seed=k, task=task, env_kwargs=kwargs) for k, task in enumerate(tasks)]
    played = list(play(episodes, ReflectingAgent(Stubborn()), isolation=Isolation(30.0, 1)))
    assert [t.error for t in played] == [None, None]
    assert all(t.success for t in played)


def test_reflecting__says_what_it_cannot_do() -> None:
    with pytest.raises(ArgumentError, match="tries=0"):
        make_agent("reflect:random", tries=0)
    with pytest.raises(UnknownNameError, match="'turn'"):
        make_agent("reflect:random", retry_from="turm")
    with pytest.raises(ArgumentError, match="reflect:<agent>"):
        make_agent("reflect")
    with pytest.raises(UnknownNameError, match="random"):
        make_agent("reflect:randon")
    with pytest.raises(ArgumentError, match="does not take"):
        make_agent("reflect:random", temperature=1)
