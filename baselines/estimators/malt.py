"""MALT: which nodes of a tree of generator, verifier and refiner are worth imitating."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray
from baselines.estimators.primitives import bounded, pair, tree_values
from baselines.estimators.registry import register

__all__ = ["MaltLabels", "malt"]


class MaltLabels(NamedTuple):
    """Labels for preference training, and what stands behind them.

    Attributes:
        step: +1 preferred, -1 rejected, 0 where a node belongs to no pair, shape (N,), float64.
        token: None: every token has its step's label.
        value: Share of correct answers below each node, shape (N,), float64.
        positive: Whether the value lies above the threshold: the nodes to imitate, shape (N,), bool.
        pairs: Rows of each preferred and rejected pair of siblings, shape (P, 2), int64.
    """

    step: FloatArray
    token: FloatArray | None
    value: FloatArray
    positive: BoolArray
    pairs: IntArray


@register(
    "malt",
    paper="MALT: Improving Reasoning with Multi-Agent LLM Training",
    arxiv="2412.01928",
    needs=("parent", "agent", "outcome"),
    level="tree",
    reference=False,
)
def malt(batch: StepBatch, *, threshold: float = 0.5) -> MaltLabels:
    """Label the nodes of a search tree by the value of what grew from them.

    V(leaf) = outcome, V(node) = mean of its children's V; a node is positive where V > threshold. A positive
    and a negative node with the same parent and agent (at the top: of the same group) are a pair.

    Args:
        batch: N nodes. A leaf's outcome is 1 if the final answer is correct, else 0.
        threshold: Value above which a node is positive.

    Returns:
        Labels +1, -1 or 0 of shape (N,), not advantages, with values, positives and pairs beside them.

    References:
        Motwani et al. 2024, value iteration and thresholding, https://arxiv.org/abs/2412.01928. Our reading,
        not checked against released code; the threshold's default is a guess. Deviation from the paper:
        unknown.
    """
    parent = batch.column("parent", "malt")
    value = tree_values(parent, batch.outcome)
    positive = value > threshold
    above = np.where(parent >= 0, bounded(batch.group).max() + 1 + parent, bounded(batch.group))
    siblings = pair(bounded(above), bounded(batch.agent))
    pairs = _pairs(siblings, positive)
    label = np.zeros(len(batch))
    label[pairs[:, 0]], label[pairs[:, 1]] = 1.0, -1.0
    return MaltLabels(label, None, value, positive, pairs)


def _pairs(siblings: IntArray, positive: BoolArray) -> IntArray:
    """Every (positive, negative) pair of rows among siblings, by the positive row, then the negative one."""
    negative = np.flatnonzero(~positive)
    negative = negative[np.argsort(siblings[negative], kind="stable")]
    better = np.flatnonzero(positive)
    start = np.searchsorted(siblings[negative], siblings[better], side="left")
    count = np.searchsorted(siblings[negative], siblings[better], side="right") - start
    shift = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([np.repeat(better, count), negative[np.repeat(start, count) + shift]], axis=1)
