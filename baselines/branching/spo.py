"""SPO: values of cut points, from continuations of a chain or from a tree of fixed width."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentgym.rollout import START, Branch, EpisodeTree, Fork, Moves
from baselines.branching.registry import Policy, register, require

__all__ = ["SpoChain", "SpoTree"]


@register("spo_chain")
@dataclass(frozen=True, slots=True)
class SpoChain(Policy):
    """One episode, and after each of its steps continuations that say what the state there is worth.

    Attributes:
        continuations: Continuations of each cut point.
        every: Steps between cut points.
        most: Cut points of an episode at most, the start included.

    References:
        Guo et al. 2025, SPO-chain, https://arxiv.org/abs/2505.23564. Deviation from the paper: cut points lie
        between steps, where an environment can be restored, not inside a response.
    """

    continuations: int = 4
    every: int = 1
    most: int = 8

    def __post_init__(self) -> None:
        for name in ("continuations", "every", "most"):
            require(getattr(self, name) >= 1, name, getattr(self, name), "It must be at least 1.")

    @property
    def budget(self) -> int:
        """The episode and all continuations."""
        return 1 + self.continuations * self.most

    def begin(self, tree: EpisodeTree) -> int:
        """Begin the episode."""
        return 1

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        """Continue from the episode's last cut point."""
        episode = tree.branches[0]
        forks = [Fork(START, self.continuations, probe=True)] if len(tree.branches) == 1 else []
        if episode in played and episode.status == "live":
            depth = tree.nodes[episode.head].depth + 1
            if depth % self.every == 0:
                forks.append(Fork(episode.head, self.continuations, probe=True))
        return Moves(forks)


@register("spo_tree")
@dataclass(frozen=True, slots=True)
class SpoTree(Policy):
    """A tree that splits at fixed depths: branching[0] ways at the start, branching[1] after `segment` steps.

    Attributes:
        branching: Ways at each split.
        segment: Steps between splits.

    References:
        Guo et al. 2025, SPO-tree, https://arxiv.org/abs/2505.23564. Deviation from the paper: segments are
        counted in steps, not in tokens.
    """

    branching: Sequence[int] = (6, 6, 6)
    segment: int = 2

    def __post_init__(self) -> None:
        good = len(self.branching) > 0 and all(ways >= 1 for ways in self.branching)
        require(good, "branching", self.branching, "It is a list of numbers of at least 1.")
        require(self.segment >= 1, "segment", self.segment, "It must be at least 1.")

    @property
    def budget(self) -> int:
        """Leaves of the full tree."""
        return math.prod(self.branching)

    def begin(self, tree: EpisodeTree) -> int:
        """Begin branching[0] episodes."""
        return self.branching[0]

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        """Split every branch that has come to the end of a segment."""
        forks = []
        for branch in played:
            level, rest = divmod(tree.nodes[branch.head].depth + 1, self.segment)
            if branch.status == "live" and rest == 0 and level < len(self.branching):
                forks.append(Fork(branch.head, self.branching[level] - 1))
        return Moves(forks)
