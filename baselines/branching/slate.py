"""SLATE: several continuations of each step are compared, and one of them goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agentgym.rollout import Branch, EpisodeTree, Fork, Moves
from baselines.branching.registry import Policy, register, require

__all__ = ["Slate"]


@register("slate")
@dataclass(frozen=True, slots=True)
class Slate(Policy):
    """k continuations of one step; the best by progress goes on, the others end there and are learnt from.

    Attributes:
        ways: Continuations of each step (k).
        steps: Greatest number of steps that are compared; after them the kept episode goes on alone.

    References:
        SLATE. Our reading of the abstract; the score of a step is the environment's progress after it, equal
        scores are decided by chance.
    """

    keeps_cut: ClassVar[bool] = True  # their comparison is what is learnt from
    ways: int = 4
    steps: int = 16

    def __post_init__(self) -> None:
        require(self.ways >= 2, "ways", self.ways, "It must be at least 2.")
        require(self.steps >= 1, "steps", self.steps, "It must be at least 1.")

    @property
    def budget(self) -> int:
        """`ways` for the first step and `ways` - 1 more for each step after it."""
        return 1 + (self.ways - 1) * self.steps

    def begin(self, tree: EpisodeTree) -> int:
        """Begin with `ways` first steps."""
        return self.ways

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        """Keep the best of the steps just played, and continue it in `ways` ways."""
        if not played:
            return Moves()
        luck = rng.random(len(played))
        scores = [tree.nodes[branch.head].step.progress for branch in played]
        best = played[max(range(len(played)), key=lambda k: (scores[k], luck[k]))]
        cut = [branch.number for branch in played if branch is not best and branch.status == "live"]
        return Moves([Fork(best.head, self.ways - 1)] if best.status == "live" else [], cut)
