"""Which groups an update plays: fresh ones, informative ones, or those that memory says are worth it.

    "fixed"        `groups` fresh starts, `group_size` episodes each
    "dynamic"      the same, and groups whose episodes all ended alike are replaced by further ones (DAPO)
    "knapsack"     starts of a pool; the episodes go where their chance of a mixed outcome is greatest
    "curriculum"   starts of a pool, drawn by how far their success lies from 0 and 1

All that is remembered, of the tasks of a pool, is in `state_dict`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError
from agentgym.hashing import derive_seed
from baselines.estimators.primitives import knapsack_allocation
from baselines.trainer.config import TrainConfig
from baselines.trainer.groups import Group, GroupPlay

__all__ = ["GroupSampler", "check_sampling"]

Play = Callable[[Sequence[Group]], list[GroupPlay]]


class GroupSampler:
    """Collects the groups of an update, and remembers what it has learnt of the tasks in its pool.

    Args:
        config: The run; `config.sampling` says how.

    References:
        Dynamic sampling: Yu et al. 2025, DAPO, https://arxiv.org/abs/2503.14476; as in the specification, a
        group of one is never dropped. Knapsack: https://arxiv.org/abs/2509.25849, our reading. Curriculum:
        ours, after CLPO; weight p (1 - p) of the smoothed success rate p.
    """

    def __init__(self, config: TrainConfig) -> None:
        self._config = config
        self._wins = np.zeros(config.sampling.pool)
        self._plays = np.zeros(config.sampling.pool)

    def collect(self, play: Play, update: int) -> list[GroupPlay]:
        """Play the groups of an update.

        Args:
            play: Plays groups.
            update: Number of the update, from 0.
        """
        method = self._config.sampling.method
        if method == "fixed":
            return play(self._fresh(update, range(self._config.rollout.groups)))
        if method == "dynamic":
            return self._dynamic(play, update)
        return self._pooled(play, update)

    def state_dict(self) -> dict[str, Any]:
        """Return what is remembered of the pool; nothing where there is none."""
        return {"wins": self._wins, "plays": self._plays} if self._config.sampling.pool else {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        if state:
            self._wins, self._plays = np.array(state["wins"]), np.array(state["plays"])

    def _fresh(self, update: int, numbers: Sequence[int]) -> list[Group]:
        config = self._config
        return [Group(k, derive_seed(config.seed, update, k), config.rollout.group_size) for k in numbers]

    def _dynamic(self, play: Play, update: int) -> list[GroupPlay]:
        """Play until enough groups are mixed or redraws run out; then the last dropped ones fill up."""
        wanted = self._config.rollout.groups
        kept: list[GroupPlay] = []
        dropped: list[GroupPlay] = []
        begun = 0
        for _ in range(1 + self._config.sampling.redraws):
            numbers = range(begun, begun + wanted - len(kept))
            begun = numbers.stop
            for played in play(self._fresh(update, numbers)):
                (kept if _mixed(played) else dropped).append(played)
            if len(kept) == wanted:
                break
        return kept + dropped[len(dropped) - (wanted - len(kept)) :]

    def _pooled(self, play: Play, update: int) -> list[GroupPlay]:
        config, rng = self._config, np.random.default_rng([self._config.seed, update])
        rate = (self._wins + 1.0) / (self._plays + 2.0)
        if config.sampling.method == "curriculum":
            weight = rate * (1.0 - rate)
            tasks = rng.choice(len(rate), config.rollout.groups, replace=False, p=weight / weight.sum())
            sizes = np.full(len(tasks), config.rollout.group_size)
        else:
            tasks = rng.choice(len(rate), config.rollout.groups, replace=False)
            budget = config.rollout.groups * config.rollout.group_size
            sizes = knapsack_allocation(rate[tasks], budget)
        groups = [
            Group(number, derive_seed(config.seed, _POOL, int(task)), int(size))
            for number, (task, size) in enumerate(zip(tasks, sizes, strict=True))
            if size > 0
        ]
        played = play(groups)
        self._remember(tasks[[group.number for group in groups]], played)
        return played

    def _remember(self, tasks: NDArray[np.int64], played: Sequence[GroupPlay]) -> None:
        """Forget a little of what was known, and add what was just seen."""
        self._wins *= self._config.sampling.memory
        self._plays *= self._config.sampling.memory
        for task, group in zip(tasks, played, strict=True):
            self._wins[task] += sum(t.success for t in group.whole)
            self._plays[task] += len(group.whole)


_POOL = 2**62
"""Stands in the place of an update's number in the seeds of the pool."""


def _mixed(played: GroupPlay) -> bool:
    outcomes = [trajectory.total_reward for trajectory in played.whole]
    return len(outcomes) < 2 or max(outcomes) - min(outcomes) > 1e-9 * max(1.0, *map(abs, outcomes))


def check_sampling(config: TrainConfig) -> None:
    """Check that a pool is large enough, and that the knapsack has episodes to share out.

    Raises:
        ArgumentError: The pool is too small, or trees are grown, whose policy has a budget of its own.
    """
    if config.sampling.method == "knapsack" and config.rollout.branching:
        raise ArgumentError(
            "`sampling.method` is 'knapsack', which shares out episodes, but a tree has its policy's budget. "
            "Choose another method, or leave out rollout.branching."
        )
    pooled = config.sampling.method in ("knapsack", "curriculum")
    if pooled and config.sampling.pool < config.rollout.groups:
        raise ArgumentError(
            f"`sampling.pool` is {config.sampling.pool}. {config.sampling.method!r} needs a pool of at least "
            f"rollout.groups = {config.rollout.groups} tasks. Pass --set sampling.pool=256."
        )
