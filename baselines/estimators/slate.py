"""SLATE: a step among the continuations of the same prefix."""

from __future__ import annotations

from agentgym.batch import StepBatch
from baselines.estimators.primitives import Norm, group_norm
from baselines.estimators.registry import Advantages, register
from baselines.estimators.trees import siblings

__all__ = ["slate"]


@register(
    "slate",
    paper="Truncated Step-Level Sampling with Process Rewards for Retrieval-Augmented Reasoning",
    arxiv="2602.23440",
    needs=("parent", "process_reward"),
    level="tree",
    reference=False,
)
def slate(batch: StepBatch, *, norm: Norm = "mean_std", eps: float = 1e-6) -> Advantages:
    """Normalise the process reward of each step among the steps that continue the same prefix.

    A = (p - mean) / (std + eps) over the children of the node's parent. One child: 0.

    Args:
        batch: N nodes with `process_reward` p, a judge's score of the step.
        norm: "mean_std", "mean" or "none".
        eps: Added to the deviation.

    Returns:
        Advantages of shape (N,).

    References:
        Samarinas et al. 2026, https://arxiv.org/abs/2602.23440. Our reading of the abstract. Deviation from
        the paper: unknown.
    """
    reward, parent = batch.column("process_reward", "slate"), batch.column("parent", "slate")
    return Advantages(group_norm(reward, siblings(parent, batch.group), norm, eps=eps, single="zero"))
