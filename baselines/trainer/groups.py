"""Playing groups: each a task played several times from one start, as episodes of their own or as a tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agentgym.rollout import BranchPolicy, Episode, EpisodeTree, collect, grow
from agentgym.trajectory import Trajectory
from baselines.branching import make_branching
from baselines.models.companion import Play
from baselines.trainer.config import TrainConfig
from baselines.trainer.policy import Policy

__all__ = ["Group", "GroupPlay", "branching_of", "play_groups", "play_of"]


class Group(NamedTuple):
    """A group to be played.

    Attributes:
        number: Its number within the update.
        seed: Seed of its start.
        size: Number of episodes; a tree has its policy's budget instead.
    """

    number: int
    seed: int
    size: int


class GroupPlay(NamedTuple):
    """A group that was played.

    Attributes:
        group: What was asked for.
        trajectories: The episodes that are learnt from, N steps in all.
        node: Node of each step in the group's tree, N numbers; empty where no tree was grown.
        trained: Whether each step is learnt from, N flags; empty where no tree was grown.
        value: Mean return of the probes before and after each step, N pairs, NaN where there were none; empty
            where no tree was grown.
        tokens: Response tokens that were generated.
    """

    group: Group
    trajectories: list[Trajectory]
    node: list[int]
    trained: list[bool]
    value: list[tuple[float, float]]
    tokens: int

    @property
    def whole(self) -> list[Trajectory]:
        """The episodes that came to an end or broke."""
        return [t for t in self.trajectories if t.error is not None or _over(t)]


def play_of(groups: Sequence[GroupPlay]) -> Play:
    """Take up groups as turns in columns, with the nodes of their trees and what probes found.

    Raises:
        ArgumentError: A decision carries no tokens: it was not made by a language model.
        ShapeError: There is no step.
    """
    play = Play.of([trajectory for group in groups for trajectory in group.trajectories])
    if not any(group.node for group in groups):
        return play
    node = [group.group.number << 32 | number for group in groups for number in group.node]
    value = [pair for group in groups for pair in group.value]
    trained = np.array([flag for group in groups for flag in group.trained])
    mask = None if trained.all() else np.repeat(trained, np.diff(play.batch.token_offsets))
    return play._replace(
        batch=play.batch.with_columns(token_mask=mask),
        node=np.array(node, np.int64),
        probed=np.array(value, np.float64),
    )


def branching_of(config: TrainConfig) -> BranchPolicy | None:
    """Make the run's branching policy; None where episodes are played alone.

    Raises:
        UnknownNameError: There is no such policy, or it has no such field.
        ArgumentError: A field has a value that cannot be used.
    """
    if not config.rollout.branching:
        return None
    options = dict(config.rollout.branching)
    return make_branching(options.pop("policy", ""), **options)


def play_groups(
    policy: Policy, groups: Sequence[Group], *, noise: int, share: slice = slice(None)
) -> list[GroupPlay]:
    """Play groups.

    Args:
        policy: Who plays; its configuration says how.
        groups: The groups; numbers of one update differ.
        noise: Seed of the policy's chance.
        share: Which of them to play; the others are played elsewhere.
    """
    if branching_of(policy.config) is None:
        return _play_alone(policy, groups, noise, share)
    return _grow(policy, groups[share], noise)


def _play_alone(policy: Policy, groups: Sequence[Group], noise: int, share: slice) -> list[GroupPlay]:
    starts = np.cumsum([0, *(group.size for group in groups)]) + groups[0].number * groups[0].size
    groups, starts = groups[share], starts[:-1][share]
    episodes = [
        _episode(policy.config, group, int(start) + member)
        for group, start in zip(groups, starts, strict=True)
        for member in range(group.size)
    ]
    played = collect(episodes, policy.agent(), agent_seed=noise, slots=policy.config.rollout.slots)
    found: dict[int, list[Trajectory]] = {group.number: [] for group in groups}
    for trajectory in sorted(played, key=lambda t: t.episode):
        found[trajectory.group].append(trajectory)
    return [
        GroupPlay(group, found[group.number], [], [], [], sum(t.tokens for t in found[group.number]))
        for group in groups
    ]


def _grow(policy: Policy, groups: Sequence[Group], noise: int) -> list[GroupPlay]:
    branching = branching_of(policy.config)
    assert branching is not None
    agent = policy.agent()
    episodes = [_episode(policy.config, group, group.number) for group in groups]
    trees = grow(episodes, agent, branching, agent_seed=noise, slots=policy.config.rollout.slots)
    by_number = {tree.episode.number: tree for tree in trees}
    return [_of_tree(group, by_number[group.number], branching, agent.spec) for group in groups]


def _of_tree(group: Group, tree: EpisodeTree, branching: BranchPolicy, spec: str) -> GroupPlay:
    branches = tree.episodes(cut=branching.keeps_cut)
    path = [node for branch in branches for node in tree.path(branch.head)]
    through, probed = Counter(node.number for node in path), tree.probed()
    return GroupPlay(
        group,
        [tree.trajectory(branch, spec) for branch in branches],
        [node.number for node in path],
        [branching.keeps_shared or through[node.number] == 1 for node in path],
        [(probed.get(node.parent, np.nan), probed.get(node.number, np.nan)) for node in path],
        tree.tokens()[0],
    )


def _over(trajectory: Trajectory) -> bool:
    return bool(trajectory.steps) and (trajectory.steps[-1].terminated or trajectory.steps[-1].truncated)


def _episode(config: TrainConfig, group: Group, number: int) -> Episode:
    return Episode(
        number=number,
        env_id=config.env,
        seed=group.seed,
        group=group.number,
        env_kwargs=config.env_options,
    )
