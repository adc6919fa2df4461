"""ARPO: grpo on episodes that branched, with the credit of shared steps shared or not."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.grpo import grpo
from baselines.estimators.labels import bounded
from baselines.estimators.prefixes import prefix_codes
from baselines.estimators.primitives import choice, codes, group_norm, group_stats
from baselines.estimators.registry import Advantages, register
from baselines.estimators.trees import leaf_mean, leaves

__all__ = ["arpo"]

Attribution: TypeAlias = Literal["soft", "hard"]


@register(
    "arpo",
    paper="Agentic Reinforced Policy Optimization",
    arxiv="2507.19849",
    needs=("outcome",),
    level="episode",
)
def arpo(batch: StepBatch, *, attribution: Attribution = "soft", eps: float = 1e-6) -> Advantages:
    """Score episodes as grpo does; "hard" gives shared steps the mean over the episodes through them.

    soft: each row has its episode's advantage, and a shared prefix occurs in several rows. hard: a node of
    the tree has the mean advantage of the episodes through it.

    Args:
        batch: N steps, or with `parent` N nodes whose leaves are one episode each. Without `parent` rows
            with equal (state, action) histories in a group are one node.
        attribution: "soft" or "hard". On nodes both are "hard": a node has one advantage.
        eps: Added to the deviation.

    Returns:
        Advantages of shape (N,).

    Raises:
        ArgumentError: The choice is unknown.

    References:
        Dong et al. 2025, https://arxiv.org/abs/2507.19849. "soft" is what the released code runs, grpo;
        "hard" is our reading. Deviation from the paper: none known. When to branch is a matter of rollouts.
    """
    choice("attribution", attribution, Attribution)
    if batch.parent is not None:
        ends = leaves(batch.parent)
        episode = group_norm(batch.outcome, batch.group, "mean_std", ends, eps=eps)
        return Advantages(leaf_mean(batch.parent, np.where(ends, episode, 0.0)))
    step = grpo(batch, eps=eps).step
    if attribution == "hard":
        node = prefix_codes(codes(batch.state, batch.action), bounded(batch.episode), batch.group)
        step = group_stats(step, node).mean
    return Advantages(step)
