"""SPO tree: the value gained at each edge of a tree of segments."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.primitives import choice, deviation, group_stats, tree_values
from baselines.estimators.registry import Advantages, register
from baselines.estimators.trees import segment_heads, siblings

__all__ = ["TreeNorm", "spo_tree"]

TreeNorm: TypeAlias = Literal["mean", "mean_std"]
Unit: TypeAlias = Literal["node", "segment"]


@register(
    "spo_tree",
    paper="Segment Policy Optimization: Effective Segment-Level Credit Assignment in RL for Large Language "
    "Models",
    arxiv="2505.23564",
    needs=("parent", "outcome"),
    level="tree",
)
def spo_tree(batch: StepBatch, *, norm: TreeNorm = "mean", unit: Unit = "node") -> Advantages:
    """Credit each node with its value less its parent's.

    V(leaf) = outcome, V(node) = mean of its children's V, so that A = V less the mean of the node and its
    siblings; mean_std divides by the siblings' deviation (n in the denominator) + 1e-8.

    Args:
        batch: N nodes. Children of a group's start state are siblings.
        norm: "mean" or "mean_std".
        unit: "node": an only child, whose value is its parent's, gets 0. "segment": it goes on with its
            parent's segment and gets what that got; for trees whose nodes are parts of segments.

    Returns:
        Advantages of shape (N,). Siblings of equal value get exactly 0.

    Raises:
        ArgumentError: The choice is unknown.

    References:
        Guo et al. 2025, SPO-tree, https://arxiv.org/abs/2505.23564; read in the released code, which also
        drops an edge where A plus the change of 1 - (1 - V)^4 is 0. Deviation from the paper: none known.
    """
    choice("norm", norm, TreeNorm)
    choice("unit", unit, Unit)
    parent = batch.column("parent", "spo_tree")
    value = tree_values(parent, batch.outcome)
    family = siblings(parent, batch.group)
    _, mean, std = group_stats(value, family, ddof=0)
    lead = deviation(value, mean)
    advantage = lead if norm == "mean" else np.where(std > 0, lead / (std + 1e-8), 0.0)
    if unit == "segment":
        advantage = advantage[segment_heads(parent, np.bincount(family)[family] == 1)]
    return Advantages(advantage)
