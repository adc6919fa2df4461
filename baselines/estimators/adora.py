"""ADORA: groups in which thinking longer does not pay count little."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.episodes import episode_length
from baselines.estimators.grpo import grpo
from baselines.estimators.primitives import bounded, first_rows
from baselines.estimators.registry import Advantages, register

__all__ = ["adora"]


@register(
    "adora",
    paper="ADORA: Training Reasoning Models with Dynamic Advantage Estimation on Reinforcement Learning",
    arxiv="2602.10019",
    needs=("outcome", "token_offsets"),
    level="episode",
)
def adora(
    batch: StepBatch,
    *,
    lam: float = 0.1,
    success: float = 1.01,
    length_limit: int = 4054,
    eps: float = 1e-6,
) -> Advantages:
    """Multiply grpo's advantages by lam in groups whose longest success is no longer than their failures.

    A group keeps its advantages if (greatest length with x > success) > (mean length with x <= success and
    length < length_limit); an empty set counts -inf.

    Args:
        batch: N steps with T response tokens. A length is the episode's number of trained tokens.
        lam: Factor of the other groups.
        success: Outcome above which an episode succeeds (released: 1.01, where success scores 1.1; with
            scores in [0, 1] pass 0.99).
        length_limit: Failures of this length or more do not count: they were cut off.
        eps: Added to grpo's deviation.

    Returns:
        Advantages of shape (N,).

    References:
        Ren et al. 2026, https://arxiv.org/abs/2602.10019. Deviation from the paper: the rule is that of the
        released code for language models; its vision variant treats empty sets the other way.
    """
    own = grpo(batch, eps=eps).step
    first, group = first_rows(batch.episode), bounded(batch.group)
    length, where, groups = episode_length(batch)[first], group[first], int(group.max()) + 1
    won = batch.outcome[first] > success
    longest = np.full(groups, -np.inf)
    np.maximum.at(longest, where[won], length[won])
    lost = ~won & (length < length_limit)
    count = np.bincount(where[lost], minlength=groups)
    total = np.bincount(where[lost], length[lost], groups)
    mean = np.where(count > 0, total / np.maximum(count, 1), -np.inf)
    return Advantages(np.where(longest > mean, 1.0, lam)[group] * own)
