"""Which groups are played: fresh, mixed, where the knapsack puts them, or by what is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agentgym.errors import ArgumentError
from agentgym.trajectory import Decision, Step, Trajectory
from baselines.trainer import TrainConfig, train
from baselines.trainer.config import RolloutConfig, SamplingConfig
from baselines.trainer.groups import Group, GroupPlay
from baselines.trainer.sampling import GroupSampler
from tests.toys import TOY_ID


class _World:
    """Plays groups on paper. Task of seed s succeeds in a share of its episodes that depends on s alone."""

    def __init__(self, shares: Sequence[float]) -> None:
        self._shares = shares
        self.calls: list[list[Group]] = []

    def share(self, seed: int) -> float:
        return self._shares[seed % len(self._shares)]

    def play(self, groups: Sequence[Group]) -> list[GroupPlay]:
        self.calls.append(list(groups))
        return [self._play(group) for group in groups]

    def _play(self, group: Group) -> GroupPlay:
        wins = round(self.share(group.seed) * group.size)
        played = [_episode(group, member < wins) for member in range(group.size)]
        return GroupPlay(group, played, [], [], [], 0)


def _episode(group: Group, won: bool) -> Trajectory:
    step = Step("", "", Decision("wait"), float(won), True, False, True, 0.0, float(won), won)
    return Trajectory(TOY_ID, {}, group.seed, "", "", 0, group.number, "", (step,), "")


def _cut(group: Group) -> Trajectory:
    whole = _episode(group, False)
    step = replace(whole.steps[0], terminated=False, reward=0.5)
    return replace(whole, steps=(step,))


def _config(method: str, groups: int = 4, size: int = 4, pool: int = 0, redraws: int = 10) -> TrainConfig:
    return TrainConfig(
        env=TOY_ID,
        rollout=RolloutConfig(groups=groups, group_size=size),
        sampling=SamplingConfig(method, redraws=redraws, pool=pool),  # type: ignore[arg-type]
    )


def _outcomes(played: Sequence[GroupPlay]) -> list[set[float]]:
    return [{t.total_reward for t in group.trajectories} for group in played]


def test_fixed__plays_fresh_tasks_once() -> None:
    world, sampler = _World([0.5]), GroupSampler(_config("fixed"))
    first, second = sampler.collect(world.play, 0), sampler.collect(world.play, 1)
    seeds = [play.group.seed for play in (*first, *second)]
    assert len(set(seeds)) == 8
    assert sampler.state_dict() == {}


def test_dynamic__replaces_groups_that_ended_alike() -> None:
    world, sampler = _World([0.0, 0.5, 1.0]), GroupSampler(_config("dynamic", groups=6))
    kept = sampler.collect(world.play, 3)
    assert _outcomes(kept) == [{0.0, 1.0}] * 6
    asked = [group for call in world.calls for group in call]
    assert [group.number for group in asked] == list(range(len(asked)))
    assert len({group.seed for group in asked}) == len(asked) > 6
    short = [len(call) for call in world.calls]
    assert short == sorted(short, reverse=True), "only what is lacking is drawn again"


def test_dynamic__keeps_everything_when_redraws_run_out() -> None:
    world, sampler = _World([1.0]), GroupSampler(_config("dynamic", redraws=2))
    assert len(sampler.collect(world.play, 0)) == 4
    assert len(world.calls) == 3


def test_dynamic__never_drops_a_group_of_one() -> None:
    world, sampler = _World([1.0]), GroupSampler(_config("dynamic", size=1))
    assert len(sampler.collect(world.play, 0)) == 4
    assert len(world.calls) == 1


def test_knapsack__moves_episodes_to_tasks_that_may_go_either_way() -> None:
    world, sampler = _World([0.0, 0.3, 1.0]), GroupSampler(_config("knapsack", groups=8, size=8, pool=8))
    for update in range(12):
        played = sampler.collect(world.play, update)
        assert sum(play.group.size for play in played) == 64
    sizes = {play.group.seed: play.group.size for play in played}
    open_tasks = [size for seed, size in sizes.items() if world.share(seed) == 0.3]
    closed = [size for seed, size in sizes.items() if world.share(seed) != 0.3]
    assert min(open_tasks) > max(closed)


def test_curriculum__draws_open_tasks_more_often() -> None:
    world, sampler = _World([0.0, 0.5, 1.0]), GroupSampler(_config("curriculum", groups=4, size=8, pool=30))
    for update in range(60):
        sampler.collect(world.play, update)
    late = [world.share(group.seed) for call in world.calls[30:] for group in call]
    pool = {group.seed: world.share(group.seed) for call in world.calls for group in call}
    assert np.mean(np.array(late) == 0.5) > 1.5 * np.mean(np.array(list(pool.values())) == 0.5)


def test_pool__what_is_remembered_goes_on_from_its_state() -> None:
    def draws(sampler: GroupSampler, updates: range) -> list[list[Group]]:
        world = _World([0.0, 0.4, 1.0])
        for update in updates:
            sampler.collect(world.play, update)
        return world.calls

    whole, first, second = (GroupSampler(_config("curriculum", pool=20)) for _ in range(3))
    expected = draws(whole, range(8))
    draws(first, range(5))
    second.load_state_dict(first.state_dict())
    assert draws(second, range(5, 8)) == expected[5:]


def test_sampler__judges_a_task_by_episodes_that_came_to_an_end() -> None:
    """Of the two episodes of each group one was cut off with a reward of its own."""

    def play(groups: Sequence[Group]) -> list[GroupPlay]:
        calls.append(groups)
        return [GroupPlay(group, [_episode(group, True), _cut(group)], [], [], [], 0) for group in groups]

    calls: list[Sequence[Group]] = []
    GroupSampler(_config("dynamic")).collect(play, 0)
    assert len(calls) == 1, "a group of one whole episode is never dropped"
    sampler = GroupSampler(_config("curriculum", pool=8))
    sampler.collect(play, 0)
    assert sampler.state_dict()["plays"].sum() == sampler.state_dict()["wins"].sum() == 4


def test_train__refuses_a_knapsack_of_trees(tmp_path: Path) -> None:
    config = _config("knapsack", pool=8)
    trees = replace(config, rollout=replace(config.rollout, branching={"policy": "arpo"}))
    with pytest.raises(ArgumentError, match="budget"):
        train(trees, tmp_path / "run")


def test_train__refuses_a_pool_smaller_than_its_groups(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"`sampling\.pool` is 3"):
        train(replace(_config("curriculum", pool=3)), tmp_path / "run")
