"""A-GRAE: group advantages that favour easy tasks early, hard ones later, and damp successes meanwhile."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from agentgym.errors import ArgumentError
from baselines.estimators.bnpo import check_rates
from baselines.estimators.grpo import grpo
from baselines.estimators.primitives import Norm, bounded, first_rows, group_stats
from baselines.estimators.registry import Advantages, register

__all__ = ["a_grae"]


@register(
    "a_grae",
    paper="Unveiling Implicit Advantage Symmetry: Why GRPO Struggles with Exploration and Difficulty "
    "Adaptation",
    arxiv="2602.05548",
    needs=("outcome",),
    level="episode",
)
def a_grae(
    batch: StepBatch,
    *,
    active: bool = True,
    norm: Norm = "mean_std",
    alpha: float = 1.0,
    eps: float = 1e-6,
) -> Advantages:
    """Weigh grpo's advantages by the difficulty of the task and damp those of successes.

    z is grpo's, p_g the group's mean, P the mean of p over groups and q = sqrt(p_g);
    A = (1 - P) * 0.5 z / (1 - q + eps) + P * 0.5 z / (q + eps), and A > 0 is multiplied by min(1, P / alpha).

    **Warning.** A group of one keeps its score and has p_g = 0, so that its advantage is divided by eps: do
    not use groups of one.

    Args:
        batch: N steps; outcomes in [0, 1].
        active: False returns z, which is what the released trainer does in effect.
        norm: Normalisation of z.
        alpha: Mean rate from which successes count in full, above 0.
        eps: Added to the denominators.

    Returns:
        Advantages of shape (N,).

    Raises:
        ArgumentError: An outcome lies outside [0, 1], or `alpha` is not above 0.

    References:
        Yu et al. 2026, https://arxiv.org/abs/2602.05548. Deviation from the paper: none known. In the
        released trainer a switch compares a schedule's value with exactly 2.0 and is never on.
    """
    if alpha <= 0:
        raise ArgumentError(f"`alpha` is {alpha}. It must be above 0.")
    own = grpo(batch, norm=norm, eps=eps).step
    if not active:
        return Advantages(own)
    check_rates("outcome", batch.outcome, "a_grae")
    n, mean, _ = group_stats(batch.outcome, batch.group, first_rows(batch.episode))
    rate = np.where(n > 1, mean, 0.0)
    overall = float(rate[np.unique(bounded(batch.group), return_index=True)[1]].mean())
    root = np.sqrt(rate)
    advantage = (1 - overall) * 0.5 * own / (1 - root + eps) + overall * 0.5 * own / (root + eps)
    return Advantages(np.where(advantage > 0, min(1.0, overall / alpha), 1.0) * advantage)
