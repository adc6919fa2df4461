"""The collector: right episodes, right order of work, nothing done for finished episodes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agentgym.agents import decisions_of, make_agent
from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Decision, Trajectory, Turn
from tests.toys import TOY_ID


def _episodes(n: int) -> list[Episode]:
    return [Episode(k, TOY_ID, seed=k, group=k // 2) for k in range(n)]


def _sorted(played: Sequence[Trajectory]) -> list[Trajectory]:
    return sorted((t.without_timing() for t in played), key=lambda t: t.episode)


class _Counting:
    """The random agent, with a record of the episodes it was asked about."""

    spec = "counting"
    wants_oracle = False

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self._inner = make_agent("random")

    def act(self, turns: Sequence[Turn]) -> Sequence[Decision]:
        self.asked.append([turn.episode for turn in turns])
        return decisions_of(self._inner, turns)


class _Fragile:
    """Raises whenever it is asked about one episode."""

    spec = "fragile"
    wants_oracle = False

    def __init__(self, episode: int, told: str = "out of ideas") -> None:
        self._episode, self._told = episode, told

    def act(self, turns: Sequence[Turn]) -> Sequence[Decision]:
        if any(turn.episode == self._episode for turn in turns):
            raise RuntimeError(self._told)
        return [Decision("wait") for _ in turns]


@pytest.mark.parametrize("slots", [1, 3, 50])
def test_collect__contents_do_not_depend_on_slots(slots: int) -> None:
    expected = _sorted(list(collect(_episodes(20), make_agent("random"), agent_seed=5, slots=7)))
    assert _sorted(list(collect(_episodes(20), make_agent("random"), agent_seed=5, slots=slots))) == expected


def test_collect__agent_seed_changes_the_agents_choices() -> None:
    one, two = (
        [
            s.decision.action
            for t in collect(_episodes(5), make_agent("random"), agent_seed=k)
            for s in t.steps
        ]
        for k in (1, 2)
    )
    assert one != two


def test_collect__never_asks_about_a_finished_episode() -> None:
    agent = _Counting()
    played = list(collect(_episodes(30), agent, slots=4))
    assert sum(map(len, agent.asked)) == sum(len(t.steps) for t in played)
    assert max(map(len, agent.asked)) == 4
    assert all(len(set(batch)) == len(batch) for batch in agent.asked)


def test_collect__a_free_slot_is_taken_in_the_same_round() -> None:
    agent = _Counting()
    list(collect(_episodes(30), agent, slots=4))
    until_last_start = next(i for i, batch in enumerate(agent.asked) if 29 in batch)
    assert all(len(batch) == 4 for batch in agent.asked[: until_last_start + 1])


def test_collect__an_agent_that_raises_fails_its_own_episode_alone() -> None:
    played = _sorted(list(collect(_episodes(4), _Fragile(2))))
    assert [t.error for t in played] == [None, None, "agent: RuntimeError: out of ideas", None]
    assert not played[2].success
    assert played[2].score == 0


def test_collect__an_endless_error_is_cut() -> None:
    (played,) = collect(_episodes(1), _Fragile(0, "x" * 100_000))
    assert played.error is not None and played.error.startswith("agent: RuntimeError: xx")
    assert len(played.error) == 4_000 and played.error.endswith("…")


def test_collect__an_environment_that_raises_fails_its_own_episode_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tests.toys import CorridorEnv

    act = CorridorEnv._act

    def breaking(self: CorridorEnv, action: str) -> object:
        if self.task_id == "train/3-east" and self._steps == 1:
            raise OSError("disk on fire")
        return act(self, action)

    monkeypatch.setattr(CorridorEnv, "_act", breaking)
    tasks = ["train/1-east", "train/3-east", "train/5-west"]
    episodes = [Episode(k, TOY_ID, seed=k, task=task) for k, task in enumerate(tasks)]
    played = _sorted(list(collect(episodes, make_agent("oracle"), slots=1)))
    assert [t.error for t in played] == [None, "step: OSError: disk on fire", None]
    assert [t.task_id for t in played] == tasks
    assert played[2].success


def test_collect__wants_oracle_gives_the_experts_action() -> None:
    assert all(t.success for t in collect(_episodes(20), make_agent("oracle")))


def test_collect__rejects_bad_arguments() -> None:
    with pytest.raises(ArgumentError, match="slots"):
        list(collect(_episodes(1), make_agent("random"), slots=0))
    with pytest.raises(UnknownNameError, match="ToyCorridor"):
        list(collect([Episode(0, "agentgym/ToyCoridor-v0", seed=0)], make_agent("random")))
    with pytest.raises(UnknownNameError, match="task"):
        list(collect([Episode(0, TOY_ID, seed=0, task="train/99-east")], make_agent("random")))
