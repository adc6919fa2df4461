"""AEPO: as many first episodes as the task is uncertain, and a penalty on branching again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentgym.rollout import START, Branch, EpisodeTree, Fork, Moves
from baselines.branching.entropy import first_entropy, opening_entropy
from baselines.branching.registry import Policy, register, require
from baselines.estimators.primitives import aepo_budget

__all__ = ["Aepo"]


@register("aepo")
@dataclass(frozen=True, slots=True)
class Aepo(Policy):
    """Rollouts with an entropy-balanced budget and a penalty on consecutive branchings.

    One episode is played first. With H_root the entropy of its first step and H_tool the mean of its later
    ones, clamp(floor(episodes * sigmoid(0.5 * (H_root - H_tool))) + 1, 1, episodes) episodes begin at the
    start in all. Before a later step with d = H - H_root another branch leaves when
    clip((U(0, 1) + weight * d) * max(0, 1 - penalty * l), 0, 1) >= threshold, where l counts the rounds, one
    after another up to the last, in which some episode was left. What is left of the budget begins afresh at
    the end.

    Attributes:
        episodes: Episodes of a tree (k).
        weight: Weight of the change of entropy.
        penalty: Loss of probability with each consecutive round of branching.
        threshold: See above.
        tokens: Tokens at the beginning of a response whose entropy counts.
        vocabulary: Size of the vocabulary, see `opening_entropy`.

    References:
        Dong et al. 2025, dynamic entropy-balanced rollout, https://arxiv.org/abs/2510.14545. Deviation from
        the paper: the episode that is watched first belongs to the tree; a step is an action in the
        environment. The released code branches after the step that began uncertainly, not before it.
    """

    episodes: int = 16
    weight: float = 0.2
    penalty: float = 0.05
    threshold: float = 0.5
    tokens: int = 20
    vocabulary: int = 0

    def __post_init__(self) -> None:
        require(self.episodes >= 1, "episodes", self.episodes, "It must be at least 1.")
        require(0.0 <= self.penalty <= 1.0, "penalty", self.penalty, "It is a probability.")

    @property
    def budget(self) -> int:
        """`episodes`."""
        return self.episodes

    def begin(self, tree: EpisodeTree) -> int:
        """Watch one episode first."""
        return 1

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        """Begin the first episodes when the watched one is over; then branch at uncertain steps."""
        if len(tree.branches) == 1:  # of those that begin now at least one has to live, to be left
            return Moves([] if tree.live else [Fork(START, max(1, self._first(tree) - 1))])
        forks = []
        for branch in played:
            node = tree.nodes[branch.head]
            chance = rng.random()  # drawn in any case: one episode's luck does not move another's
            if node.depth == 0:
                continue
            change = self._entropy(tree, node.number) - first_entropy(
                tree, node, tokens=self.tokens, vocabulary=self.vocabulary
            )
            damped = max(0.0, 1.0 - self.penalty * _streak(tree))
            if np.clip((chance + self.weight * change) * damped, 0.0, 1.0) >= self.threshold:
                forks.append(Fork(node.parent, leaves=branch.number))
        if not forks and not tree.live:
            forks.append(Fork(START, tree.left))
        return Moves(forks)

    def _entropy(self, tree: EpisodeTree, node: int) -> float:
        return opening_entropy(tree.nodes[node], tokens=self.tokens, vocabulary=self.vocabulary)

    def _first(self, tree: EpisodeTree) -> int:
        """How many episodes begin at the start, by the entropies of the one that was watched."""
        found = [self._entropy(tree, node.number) for node in tree.path(tree.branches[0].head)]
        if len(found) < 2:
            return self.episodes
        return int(aepo_budget([(found[0], float(np.mean(found[1:])), self.episodes)])[0])


def _streak(tree: EpisodeTree) -> int:
    """Count the rounds before this one, back to the last in which no branch left another one."""
    rounds = {branch.round for branch in tree.branches if branch.left is not None}
    count = 0
    while tree.rounds - 1 - count in rounds:
        count += 1
    return count
