"""A tree of episodes: what several continuations of one beginning share is played, and generated, once.

Nodes are steps, branches are episodes. A branch begins at the start state or at a node, plays on alone, and
ends, is cut off by the policy that grew it, or breaks. Its trajectory is the path from the start to its head.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from agentgym.batch import StepBatch
from agentgym.rollout.plan import Episode
from agentgym.trajectory import Step, Trajectory

__all__ = ["START", "Branch", "EpisodeTree", "Node", "tree_batch"]

START: Final = -1
"""Number of the start state, which is no node."""


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a tree.

    Attributes:
        number: Its place in the tree's list of nodes.
        parent: Node of the step before, `START` at a first step.
        depth: Number of nodes above it.
        branch: Number of the branch that played it.
        step: The step.
        observation: The text after it.
        info: What the environment told after it.
    """

    number: int
    parent: int
    depth: int
    branch: int
    step: Step
    observation: str
    info: Mapping[str, Any]


@dataclass(slots=True)
class Branch:
    """One episode of a tree, from where it left another.

    Attributes:
        number: Its place in the tree's list of branches.
        origin: Node where it began, or `START`.
        left: Number of the branch that it left; None for one that began at the start.
        probe: Whether it was only played to learn what `origin` is worth.
        note: Words for the agent at each of its turns, e.g. a reflection on an earlier try.
        head: Node of its last step.
        status: "live"; "ended" by the environment; "cut" by the policy; "broken" by an error.
        error: Why it broke.
        round: Number of the tree's rounds that were over when it began.
    """

    number: int
    origin: int
    left: int | None = None
    probe: bool = False
    note: str = ""
    head: int = START
    status: Literal["live", "ended", "cut", "broken"] = "live"
    error: str | None = None
    round: int = 0


@dataclass(slots=True)
class EpisodeTree:
    """All that was played from one start.

    Attributes:
        episode: The start: environment, seed, task, group.
        budget: Number of branches that may begin, probes included.
        observation: The text at the start.
        info: The `Info` at the start.
        nodes: The steps, in the order in which they were played.
        branches: The episodes, in the order in which they began.
        rounds: In each of them every live branch took a step.
    """

    episode: Episode
    budget: int
    observation: str = ""
    info: Mapping[str, Any] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    rounds: int = 0

    @property
    def left(self) -> int:
        """Number of branches that may still begin."""
        return self.budget - len(self.branches)

    @property
    def live(self) -> list[Branch]:
        """The branches that go on."""
        return [branch for branch in self.branches if branch.status == "live"]

    def number_of(self, branch: Branch) -> int:
        """Episode number of a branch within the run: no two branches of a run share one."""
        return self.episode.number * self.budget + branch.number

    def seen(self, node: int) -> tuple[str, Mapping[str, Any]]:
        """Return the text and the `Info` after a node, or at `START`."""
        if node == START:
            return self.observation, self.info
        return self.nodes[node].observation, self.nodes[node].info

    def add(self, branch: Branch, step: Step, observation: str, info: Mapping[str, Any]) -> int:
        """Write down a step of a branch, with what it led to; return its node."""
        depth = 0 if branch.head == START else self.nodes[branch.head].depth + 1
        node = Node(len(self.nodes), branch.head, depth, branch.number, step, observation, info)
        self.nodes.append(node)
        return node.number

    def path(self, node: int) -> list[Node]:
        """List the nodes from a first step to a node."""
        found = []
        while node != START:
            found.append(self.nodes[node])
            node = self.nodes[node].parent
        return found[::-1]

    def children(self, node: int) -> list[Node]:
        """List the nodes that follow a node, or a start."""
        return [child for child in self.nodes if child.parent == node]

    def episodes(self, *, cut: bool = False) -> list[Branch]:
        """List the branches that are no probes: those that came to an end, and with `cut` the others too."""
        wanted = ("ended", "broken", "cut") if cut else ("ended", "broken")
        return [branch for branch in self.branches if not branch.probe and branch.status in wanted]

    def trajectory(self, branch: Branch, agent: str) -> Trajectory:
        """Write a branch down as an episode of its own, from the start.

        Args:
            branch: One of this tree's.
            agent: Specification of the agent that played it.
        """
        observation, info = self.seen(branch.head)
        return Trajectory(
            env_id=self.episode.env_id,
            env_kwargs=self.episode.env_kwargs,
            seed=self.episode.seed,
            task_id=info.get("task_id") or self.episode.task or "",
            split=info.get("split", ""),
            episode=self.number_of(branch),
            group=self.episode.group,
            agent=agent,
            steps=tuple(node.step for node in self.path(branch.head)),
            final_observation=observation,
            error=branch.error,
            final_info=info,
        )

    def probed(self) -> dict[int, float]:
        """Mean reward sum of the probes that began at each node, or at `START`, over whole episodes."""
        totals: dict[int, list[float]] = {}
        for branch in self.branches:
            if branch.probe and branch.status == "ended":
                reward = sum(node.step.reward for node in self.path(branch.head))
                totals.setdefault(branch.origin, []).append(reward)
        return {origin: float(np.mean(found)) for origin, found in totals.items()}

    def tokens(self) -> tuple[int, int]:
        """Count response tokens: those that were generated, and those without sharing any beginning."""
        sizes = [node.step.decision.tokens for node in self.nodes]
        whole = sum(sizes[node.number] for branch in self.branches for node in self.path(branch.head))
        return sum(sizes), whole


def tree_batch(
    trees: Sequence[EpisodeTree], *, cut: bool = False
) -> tuple[StepBatch, NDArray[np.int64], list[Trajectory]]:
    """Write trees as a batch with one row for each node, and as the episodes that run through them.

    Args:
        trees: E trees.
        cut: Whether the branches that were cut off belong to it.

    Returns:
        The batch of K rows, with `parent`, and as `outcome` the mean of the episodes through a node; the node
        of each of the N steps of the episodes, shape (N,); and the episodes.

    Raises:
        ShapeError: There is no step.
    """
    trajectories: list[Trajectory] = []
    numbers: list[int] = []
    offset = 0
    for tree in trees:
        for branch in tree.episodes(cut=cut):
            trajectories.append(tree.trajectory(branch, ""))
            numbers += [offset + node.number for node in tree.path(branch.head)]
        offset += len(tree.nodes)
    batch, node = StepBatch.from_trajectories(trajectories).merged(np.array(numbers, np.int64))
    return batch, node, trajectories
