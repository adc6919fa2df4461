"""R^3L: outcomes centred in their group, successes amplified."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.primitives import first_rows, group_norm
from baselines.estimators.registry import Advantages, register

__all__ = ["r3l"]


@register(
    "r3l",
    paper="R^3L: Reflect-then-Retry Reinforcement Learning with Language-Guided Exploration, "
    "Pivotal Credit, and Positive Amplification",
    arxiv="2601.03715",
    needs=("outcome",),
    level="episode",
)
def r3l(batch: StepBatch, *, alpha: float = 3.0, success: float = 1.0) -> Advantages:
    """Give successes 1, other scores above the group's mean alpha times their lead, the rest their lag.

    d = x_i - mean_g x over episodes; A = 1 where x_i >= success, alpha * d where d >= 0, else d. So A is 1
    even in a group that succeeds throughout, and a success may get less than a partial score in a poor group.

    Args:
        batch: N steps. Pivotal credit is a matter of its `token_mask`: the first turns of a retry and of its
            original, up to where the retry starts, are not trained.
        alpha: Amplification of scores above the mean.
        success: Least outcome of a success.

    Returns:
        Advantages of shape (N,). A group of one without success keeps its score as d.

    References:
        Shi et al. 2026, positive amplification, https://arxiv.org/abs/2601.03715. Deviation from the paper:
        successes get the constant 1, as in the released code, from which the rule is transcribed.
    """
    lead = group_norm(batch.outcome, batch.group, "mean", first_rows(batch.episode))
    amplified = np.where(lead >= 0, alpha * lead, lead)
    return Advantages(np.where(batch.outcome >= success, 1.0, amplified))
