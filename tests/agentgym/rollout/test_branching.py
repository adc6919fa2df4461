"""The tree collector: nothing is played twice, budgets hold, every branch is an episode that replays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from agentgym.agents import make_agent
from agentgym.errors import ArgumentError
from agentgym.replay import replay
from agentgym.rollout import START, Branch, Episode, EpisodeTree, Fork, Moves, grow, tree_batch
from agentgym.trajectory import Decision, Turn
from tests.toys import TOY_ID, CorridorEnv


@dataclass(frozen=True)
class _Random:
    """Branches and cuts at random: a policy that does everything a policy may do."""

    budget: int = 12
    keeps_cut: bool = False
    keeps_shared: bool = True

    def begin(self, tree: EpisodeTree) -> int:
        return 2

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        live = [branch for branch in played if branch.status == "live"]
        forks = [
            Fork(b.head, int(rng.integers(3)), bool(rng.random() < 0.3)) for b in live if rng.random() < 0.5
        ]
        return Moves(forks, [b.number for b in live if rng.random() < 0.1])


@dataclass(frozen=True)
class _Once:
    """Begins one episode and forks it once, after a given node."""

    node: int
    times: int = 3
    note: str = ""
    budget: int = 4
    keeps_cut: bool = False
    keeps_shared: bool = True

    def begin(self, tree: EpisodeTree) -> int:
        return 1

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        ripe = len(tree.branches) == 1 and len(tree.nodes) > self.node
        return Moves([Fork(self.node, self.times, note=self.note)] if ripe else [])


@dataclass
class _Scripted:
    """Walks one way, remembers what it was asked, and raises in chosen episodes."""

    action: str = "go east"
    fails_in: frozenset[int] = frozenset()
    turns: list[Turn] = field(default_factory=list)
    spec: str = "scripted"
    wants_oracle: bool = False

    def act(self, turns: Sequence[Turn]) -> Sequence[Decision]:
        if any(turn.episode in self.fails_in for turn in turns):
            raise RuntimeError("out of ideas")
        self.turns += turns
        return [Decision(self.action, value=0.5) for _ in turns]


@dataclass
class _Raising(_Scripted):
    """Is interrupted at its third call, if so told."""

    calls: int = 0

    def act(self, turns: Sequence[Turn]) -> Sequence[Decision]:
        self.calls += 1
        if self.action == "interrupted" and self.calls == 3:
            raise KeyboardInterrupt
        return [Decision(str(turn.rng().choice(["go east", "go west", "wait"]))) for turn in turns]


def _watched(monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], list[int]]:
    """Write down which corridors are made and which are closed, by number."""
    made: list[int] = []
    closed: list[int] = []
    sound_init, sound_close = CorridorEnv.__init__, CorridorEnv.close
    numbers: dict[CorridorEnv, int] = {}

    def init(self: CorridorEnv, **options: Any) -> None:
        sound_init(self, **options)
        numbers[self] = len(made)
        made.append(numbers[self])

    def close(self: CorridorEnv) -> None:
        closed.append(numbers[self])
        sound_close(self)

    monkeypatch.setattr(CorridorEnv, "__init__", init)
    monkeypatch.setattr(CorridorEnv, "close", close)
    return made, closed


def _starts(n: int, **options: Any) -> list[Episode]:
    return [Episode(k, TOY_ID, seed=k, group=k, env_kwargs=options) for k in range(n)]


def _shape(tree: EpisodeTree) -> list[Any]:
    nodes = [(n.parent, n.branch, n.step.decision.action, n.step.reward, n.observation) for n in tree.nodes]
    return [*nodes, *((b.origin, b.head, b.probe, b.status) for b in tree.branches)]


@pytest.mark.parametrize("slots", [1, 12, 40, 500])
def test_grow__trees_do_not_depend_on_slots(slots: int) -> None:
    def shapes(slots: int) -> dict[int, Any]:
        trees = grow(_starts(8), make_agent("random"), _Random(), agent_seed=3, slots=slots)
        return {tree.episode.number: _shape(tree) for tree in trees}

    assert shapes(slots) == shapes(100)


def test_grow__every_branch_is_an_episode_that_replays() -> None:
    played = 0
    for tree in grow(_starts(8), make_agent("random"), _Random(), agent_seed=1):
        for branch in tree.episodes():
            assert replay(tree.trajectory(branch, "random")) is None
            played += 1
    assert played > 16


def test_grow__nothing_is_asked_twice_and_the_budget_holds() -> None:
    agent = _Scripted("wait")
    trees = list(grow(_starts(6, wind=0.0, max_steps=6), agent, _Random(budget=9)))
    assert len(agent.turns) == sum(len(tree.nodes) for tree in trees)
    assert {len(tree.branches) for tree in trees} <= set(range(2, 10))
    asked = Counter((turn.episode, turn.index) for turn in agent.turns)
    assert set(asked.values()) == {1}


def test_grow__a_branch_goes_on_from_where_it_left() -> None:
    agent = _Scripted("wait")
    (tree,) = grow(_starts(1, wind=0.0, max_steps=5), agent, _Once(node=2, note="try again"))
    assert [len(tree.path(branch.head)) for branch in tree.branches] == [5, 5, 5, 5]
    assert len(tree.nodes) == 5 + 3 * 2
    first = next(turn for turn in agent.turns if turn.episode == 1)
    assert [step.decision.action for step in first.history] == ["wait"] * 3
    assert {turn.note for turn in agent.turns if turn.episode > 0} == {"try again"}
    assert {turn.note for turn in agent.turns if turn.episode == 0} == {""}


def test_grow__branches_share_the_environments_chance_unless_told_otherwise() -> None:
    def texts(fresh_noise: bool) -> set[tuple[str, ...]]:
        start = [Episode(0, TOY_ID, seed=0, task="train/1-east", env_kwargs={"wind": 0.5, "length": 30})]
        (tree,) = grow(start, _Scripted(), _Once(node=1), fresh_noise=fresh_noise)
        return {tuple(n.observation for n in tree.path(branch.head)) for branch in tree.branches}

    assert len(texts(fresh_noise=False)) == 1
    assert len(texts(fresh_noise=True)) == 4


def test_grow__what_raises_breaks_its_own_branch() -> None:
    agent = _Scripted("wait", fails_in=frozenset([2]))
    (tree,) = grow(_starts(1, max_steps=6), agent, _Once(node=1))
    assert [branch.status for branch in tree.branches] == ["ended", "ended", "broken", "ended"]
    assert tree.branches[2].error == "agent: RuntimeError: out of ideas"
    assert tree.trajectory(tree.branches[2], "scripted").error is not None


@pytest.mark.parametrize("ability", ["step", "snapshot", "restore"])
def test_grow__an_environment_that_raises_breaks_its_own_branch(
    ability: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, calls = getattr(CorridorEnv, ability), Counter[str]()

    def sometimes(self: CorridorEnv, *arguments: Any) -> Any:
        calls[ability] += 1
        if calls[ability] % 7 == 0:
            raise RuntimeError("the floor gives way")
        return sound(self, *arguments)

    monkeypatch.setattr(CorridorEnv, ability, sometimes)
    trees = list(grow(_starts(6), make_agent("random"), _Random(), agent_seed=3))
    broken = [branch for tree in trees for branch in tree.branches if branch.status == "broken"]
    assert len(trees) == 6
    assert broken
    assert {branch.error for branch in broken} <= {
        f"{where}: RuntimeError: the floor gives way" for where in ("reset", "step", "restore")
    }
    assert any(branch.status == "ended" for tree in trees for branch in tree.branches)


@pytest.mark.parametrize("end", ["left", "raised", "finished"])
def test_grow__leaves_no_environment_open(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, closed = _watched(monkeypatch)
    agent = _Raising("interrupted" if end == "raised" else "")
    trees = grow(_starts(4, max_steps=9), agent, _Random(), slots=40)
    if end == "raised":
        with pytest.raises(KeyboardInterrupt):
            list(trees)
    elif end == "left":
        next(iter(trees))
        trees.close()  # type: ignore[attr-defined]
    else:
        assert len(list(trees)) == 4
    assert made
    assert sorted(made) == sorted(closed)


def test_grow__keeps_no_state_that_nothing_can_begin_from(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, sound = Counter[int](), CorridorEnv.snapshot

    def counted(self: CorridorEnv) -> bytes:
        taken[0] += 1
        return sound(self)

    monkeypatch.setattr(CorridorEnv, "snapshot", counted)
    start = _starts(1, wind=0.0, max_steps=30, length=99)
    (tree,) = grow(start, _Scripted("wait"), _Once(node=2))
    assert len(tree.nodes) == 30 + 3 * 27
    assert taken[0] == 1 + 3, "the start, and the steps of the round before the budget was spent"


def test_grow__forking_after_the_end_is_refused() -> None:
    with pytest.raises(ArgumentError, match="where the episode is over"):
        list(grow(_starts(1, max_steps=3), _Scripted("wait"), _Once(node=2)))


def test_grow__refuses_a_budget_of_nothing() -> None:
    with pytest.raises(ArgumentError, match="budget"):
        next(grow(_starts(1), _Scripted(), _Once(node=0, budget=0)))


def test_tree_batch__has_a_row_for_each_node_with_parent_and_mean_outcome() -> None:
    trees = list(grow(_starts(5), make_agent("random"), _Random(), agent_seed=2))
    batch, row, trajectories = tree_batch(trees)
    assert batch.parent is not None
    assert len(row) == sum(len(t.steps) for t in trajectories)
    place, steps = 0, []
    through: dict[int, list[float]] = {}
    for trajectory in trajectories:
        above = START
        for step in trajectory.steps:
            node = int(row[place])
            assert batch.parent[node] == above
            assert batch.action[node] == step.decision.action
            through.setdefault(node, []).append(trajectory.total_reward)
            steps.append(step)
            above, place = node, place + 1
    assert len(batch) == len(through) == len({id(step) for step in steps})
    np.testing.assert_allclose(batch.outcome, [np.mean(through[k]) for k in range(len(batch))])


def test_probed__is_the_mean_return_of_the_probes_of_a_node() -> None:
    for tree in grow(_starts(6), make_agent("random"), _Random(budget=20), agent_seed=4):
        found = tree.probed()
        probes = [b for b in tree.branches if b.probe and b.status == "ended"]
        assert set(found) == {b.origin for b in probes}
        for origin, value in found.items():
            returns = [
                tree.trajectory(branch, "").total_reward for branch in probes if branch.origin == origin
            ]
            assert value == pytest.approx(np.mean(returns))
        assert not any(branch.probe for branch in tree.episodes(cut=True))
