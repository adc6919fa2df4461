"""TreePS-RAG: expand every node a little, and do not follow siblings that found the same documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentgym.rollout import START, Branch, EpisodeTree, Fork, Moves, Node
from baselines.branching.registry import Policy, register, require

__all__ = ["TreepsRag"]


@register("treeps_rag")
@dataclass(frozen=True, slots=True)
class TreepsRag(Policy):
    """A tree of searches within a budget.

    Every unfinished branch is expanded into `ways` next steps as long as the budget lasts. A branch whose
    last step retrieved nearly the documents of an earlier sibling's is cut off. When nothing lives any more,
    what is left of the budget begins afresh.

    Attributes:
        episodes: Branches in all.
        ways: Next steps of a node.
        overlap: Share of common documents (Jaccard) from which on two siblings count as one.

    References:
        TreePS-RAG, 2026. Our reading of the abstract; the documents are `info["extra"]["documents"]`, and
        environments that retrieve nothing are only expanded.
    """

    episodes: int = 16
    ways: int = 2
    overlap: float = 0.8

    def __post_init__(self) -> None:
        require(self.episodes >= 1, "episodes", self.episodes, "It must be at least 1.")
        require(self.ways >= 1, "ways", self.ways, "It must be at least 1.")
        require(0.0 < self.overlap <= 1.0, "overlap", self.overlap, "It is a share, in (0, 1].")

    @property
    def budget(self) -> int:
        """`episodes`."""
        return self.episodes

    def begin(self, tree: EpisodeTree) -> int:
        """Expand the start."""
        return self.ways

    def after(self, tree: EpisodeTree, played: Sequence[Branch], rng: np.random.Generator) -> Moves:
        """Cut off repetitions and expand the others."""
        live = [branch for branch in played if branch.status == "live"]
        cut = [branch.number for branch in live if self._repeats(tree, tree.nodes[branch.head])]
        forks = [Fork(branch.head, self.ways - 1) for branch in live if branch.number not in cut]
        if len(cut) == len(live):  # nothing goes on
            forks = [Fork(START, tree.left)]
            if not tree.left and not tree.episodes():
                cut = cut[1:]  # somebody has to finish
        return Moves(forks, cut)

    def _repeats(self, tree: EpisodeTree, node: Node) -> bool:
        found = _documents(node)
        earlier = [_documents(other) for other in tree.children(node.parent) if other.number < node.number]
        return bool(found) and any(
            len(found & other) >= self.overlap * len(found | other) for other in earlier if other
        )


def _documents(node: Node) -> frozenset[str]:
    return frozenset(map(str, node.info["extra"].get("documents", ())))
