"""TreePS-RAG: a step's value against the start's and against its parent's."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.primitives import bounded, choice, group_norm
from baselines.estimators.registry import Advantages, register
from baselines.estimators.spo_tree import TreeNorm
from baselines.estimators.trees import leaf_count, leaf_mean

__all__ = ["treeps_rag"]


@register(
    "treeps_rag",
    paper="TreePS-RAG: Tree-based Process Supervision for Reinforcement Learning in Agentic RAG",
    arxiv="2601.06922",
    needs=("parent", "outcome"),
    level="tree",
    reference=False,
)
def treeps_rag(batch: StepBatch, *, norm: TreeNorm = "mean", eps: float = 1e-6) -> Advantages:
    """Add a node's lead over the start state to its lead over its parent.

    V(n) is the mean outcome of the leaves below n; A(n) = (V(n) - V(root)) + (V(n) - V(parent)).

    Args:
        batch: N nodes. V(root) is the mean over all leaves of the group.
        norm: "mean", or "mean_std": divided by the deviation of A over the group's nodes + eps.
        eps: Added to the deviation.

    Returns:
        Advantages of shape (N,).

    Raises:
        ArgumentError: The choice is unknown.

    References:
        Zhang et al. 2026, https://arxiv.org/abs/2601.06922. Our reading of the abstract: how the two leads
        are weighed is a guess. Deviation from the paper: unknown.
    """
    choice("norm", norm, TreeNorm)
    parent = batch.column("parent", "treeps_rag")
    value, group = leaf_mean(parent, batch.outcome), bounded(batch.group)
    leaves = np.where(parent < 0, leaf_count(parent), 0.0)
    root = np.bincount(group, leaves * value) / np.maximum(np.bincount(group, leaves), 1.0)
    above = np.where(parent >= 0, value[parent], root[group])
    advantage = (value - root[group]) + (value - above)
    if norm == "mean_std":
        scale = group_norm(advantage, group, "mean_std", eps=eps, single="zero")
        return Advantages(scale)
    return Advantages(advantage)
