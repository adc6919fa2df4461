"""PORTool: some first steps, and forks of everything unfinished, up to a number of finished episodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentgym.rollout import Branch, EpisodeTree, Fork, Moves
from baselines.branching.registry import Policy, register, require

__all__ = ["Portool"]


@register("portool")
@dataclass(frozen=True, slots=True)
class Portool(Policy):
    """`rollouts` first steps; then every unfinished branch forks, and a random part of them goes on.

    After each round every unfinished branch is forked into `forks`, and of all unfinished branches only
    `rollouts` minus the finished ones go on, drawn at random. Those left out end there and are not learnt
    from.

    Attributes:
        rollouts: Finished episodes wanted (n).
        forks: Ways in which an unfinished branch goes on (f).
        most: Branches in all.

    References:
        PORTool, https://arxiv.org/abs/2510.26020. Our reading of the abstract.
    """

    rollouts: int = 8
    forks: int = 2
    most: int = 64

    def __post_init__(self) -> None:
        require(self.rollouts >= 1, "rollouts", self.rollouts, "It must be at least 1.")
        require(self.forks >= 1, "forks", self.forks, "It must be at least 1.")
        require(self.most >= self.rollouts, "most", self.most, "It must be at least `rollouts`.")

    @property
    def budget(self) -> int:
        """`most`."""
        return self.most

    def begin(self, tree: EpisodeTree) -> int:
        """Begin `rollouts` episodes."""
        return self.rollouts

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        """Draw who goes on, and fork where there is room: the branches that are left out make it."""
        unfinished = tree.live
        room = max(0, self.rollouts - len(tree.episodes()))
        ways = [branch for branch in unfinished for _ in range(self.forks)]
        chosen = {int(k) for k in rng.permutation(len(ways))[:room]}
        forks, cut = [], []
        for place, branch in enumerate(unfinished):
            wanted = sum(place * self.forks + way in chosen for way in range(self.forks))
            if wanted == 0:
                cut.append(branch.number)
            elif wanted > 1:
                forks.append(Fork(branch.head, wanted - 1))
        return Moves(forks, cut)
