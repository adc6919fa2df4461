"""R3L: try again from where an episode went wrong, with a reflection on it in the context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agentgym.rollout import Branch, EpisodeTree, Fork, Moves, Node
from baselines.branching.registry import Policy, register, require

__all__ = ["R3l"]


@register("r3l")
@dataclass(frozen=True, slots=True)
class R3l(Policy):
    """Episodes, and for each that fails a second one that leaves it before its pivotal step.

    The pivotal step is the first one after which progress never rose again. The note tells the agent what it
    did there and that it failed.

    Attributes:
        episodes: First episodes of a tree.
        retries: Second tries of a failed episode.

    References:
        Shi et al. 2026, reflect-then-retry, https://arxiv.org/abs/2601.03715. Deviation from the paper: the
        pivotal step is found from the environment's progress and the note is written by rule, so that models
        of any size can be trained; the paper's agent writes both itself.
    """

    keeps_shared: ClassVar[bool] = False  # a retry and its original are learnt from where they part
    episodes: int = 4
    retries: int = 1

    def __post_init__(self) -> None:
        require(self.episodes >= 1, "episodes", self.episodes, "It must be at least 1.")
        require(self.retries >= 1, "retries", self.retries, "It must be at least 1.")

    @property
    def budget(self) -> int:
        """First and second episodes."""
        return self.episodes * (1 + self.retries)

    def begin(self, tree: EpisodeTree) -> int:
        """Begin the first episodes."""
        return self.episodes

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        """Retry what has just failed."""
        forks = []
        for branch in played:
            failed = branch.status == "ended" and not tree.nodes[branch.head].step.success
            if failed and branch.number < self.episodes:
                pivot = pivotal_step(tree.path(branch.head))
                forks.append(Fork(pivot.parent, self.retries, note=_reflection(pivot)))
        return Moves(forks)


def pivotal_step(path: Sequence[Node]) -> Node:
    """Find the first step after the last one that raised progress to its highest; the last step if none."""
    best = max(range(len(path)), key=lambda k: (path[k].step.progress, -k))
    highest = path[best].step.progress
    risen = best + 1 if highest > 0.0 else 0
    return path[min(risen, len(path) - 1)]


def _reflection(pivot: Node) -> str:
    done = pivot.step.decision.action[:200]
    return f"In an earlier try you did {done!a} here, and failed. Try otherwise."
