"""PORTool: a step's reward among the steps that forked from the same place, and its episodes' advantage."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.primitives import group_norm
from baselines.estimators.registry import Advantages, register
from baselines.estimators.trees import leaf_mean, leaves, siblings

__all__ = ["portool"]


@register(
    "portool",
    paper="PORTool: Tool-Use LLM Training with Rewarded Tree",
    arxiv="2510.26020",
    needs=("parent", "outcome"),
    level="tree",
    reference=False,
)
def portool(
    batch: StepBatch, *, weight: float = 0.5, auxiliary: float = 0.1, eps: float = 1e-6
) -> Advantages:
    """Blend the advantage of the episodes through a node with its advantage among its siblings.

    R(n) is the mean outcome of the episodes through n + auxiliary * [the tool call succeeded]; A = weight * T
    + (1 - weight) * F. F normalises R among siblings (no sibling: 0); T is the mean over the episodes through
    n of grpo's advantage.

    Args:
        batch: N nodes; `valid` says whether the environment executed the call. A leaf is one episode.
        weight: Weight of the episodes' term.
        auxiliary: Reward of a call that succeeds.
        eps: Added to the deviations.

    Returns:
        Advantages of shape (N,): a step that several episodes share gets one.

    References:
        Wu et al. 2025, https://arxiv.org/abs/2510.26020. Our reading of the abstract: rewards
        and weights are guesses. Deviation from the paper: unknown.
    """
    parent = batch.column("parent", "portool")
    ends = leaves(parent)
    episode = group_norm(batch.outcome, batch.group, "mean_std", ends, eps=eps, single="zero")
    reward = leaf_mean(parent, batch.outcome) + auxiliary * batch.valid
    fork = group_norm(reward, siblings(parent, batch.group), "mean_std", eps=eps, single="zero")
    return Advantages(weight * leaf_mean(parent, np.where(ends, episode, 0.0)) + (1.0 - weight) * fork)
