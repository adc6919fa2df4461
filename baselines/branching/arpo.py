"""ARPO: branch where the agent has become less certain than it was at its first step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentgym.rollout import START, Branch, EpisodeTree, Fork, Moves
from baselines.branching.entropy import first_entropy, opening_entropy
from baselines.branching.registry import Policy, register, require

__all__ = ["Arpo"]


@register("arpo")
@dataclass(frozen=True, slots=True)
class Arpo(Policy):
    """Adaptive rollouts by the entropy of a response's beginning.

    `start` episodes begin together. With H the entropy at the beginning of a later step and H_first that of
    its episode's first one, another branch leaves from before the step when
    clip(U(0, 1) - weight * (H - H_first), 0, 1) <= threshold. An episode is left at most `beam` - 1 times.
    When nothing lives any more, what is left of the budget begins afresh.

    Attributes:
        episodes: Episodes of a tree (N).
        start: Episodes that begin together (M).
        beam: One more than the number of branches that may leave one episode.
        weight: Weight of the change of entropy; 0.5 in the released configuration, 0.2 in its scripts.
        threshold: See above.
        tokens: Tokens at the beginning of a response whose entropy counts.
        vocabulary: Size of the vocabulary, see `opening_entropy`.

    References:
        Dong et al. 2025, entropy-based adaptive rollout, https://arxiv.org/abs/2507.19849. Deviation from the
        paper: a step is an action in the environment, whether or not it calls a tool. The released code
        branches after the step that began uncertainly, not before it.
    """

    episodes: int = 16
    start: int = 8
    beam: int = 2
    weight: float = 0.5
    threshold: float = 0.5
    tokens: int = 20
    vocabulary: int = 0

    def __post_init__(self) -> None:
        require(self.episodes >= 1, "episodes", self.episodes, "It must be at least 1.")
        require(1 <= self.start <= self.episodes, "start", self.start, "It is between 1 and `episodes`.")
        require(self.beam >= 1, "beam", self.beam, "It must be at least 1.")

    @property
    def budget(self) -> int:
        """`episodes`."""
        return self.episodes

    def begin(self, tree: EpisodeTree) -> int:
        """Begin with `start` episodes."""
        return self.start

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        """Branch from before a step that began uncertainly."""
        forks = []
        for branch in played:
            node = tree.nodes[branch.head]
            chance = rng.random()  # drawn in any case: one episode's luck does not move another's
            left = sum(other.left == branch.number for other in tree.branches)
            if node.depth == 0 or left >= self.beam - 1:
                continue
            how = {"tokens": self.tokens, "vocabulary": self.vocabulary}
            change = opening_entropy(node, **how) - first_entropy(tree, node, **how)
            if np.clip(chance - self.weight * change, 0.0, 1.0) <= self.threshold:
                forks.append(Fork(node.parent, leaves=branch.number))
        if not forks and not tree.live:
            forks.append(Fork(START, tree.left))
        return Moves(forks)
