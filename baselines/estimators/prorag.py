"""ProRAG: the episode's advantage plus that of each token's process score in the group."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.grpo import grpo
from baselines.estimators.primitives import broadcast, deviation, group_stats, token_mean
from baselines.estimators.registry import Advantages, register

__all__ = ["prorag"]


@register(
    "prorag",
    paper="ProRAG: Process-Supervised Reinforcement Learning for Retrieval-Augmented Generation",
    arxiv="2601.21912",
    needs=("outcome", "process_token"),
    level="token",
)
def prorag(batch: StepBatch, *, beta: float = 0.3, eps: float = 1e-4) -> Advantages:
    """Add to grpo's advantage the normalised process score of the token.

    A(t) = A_grpo + beta * (q(t) - mean q) / sqrt(var q + 1e-8), mean and variance (n in the denominator) over
    all trained tokens of the group.

    Args:
        batch: N steps with T response tokens; `process_token` is a process model's score q.
        beta: Weight of the token's term (the released script's; its default is 0.5).
        eps: Added to grpo's deviation.

    Returns:
        `token` of shape (T,), 0 at untrained tokens; `step` of shape (N,), its mean over a step's tokens.

    References:
        Wang et al. 2026, dual-granularity advantage, https://arxiv.org/abs/2601.21912; restated from the
        released trainer. Deviation from the paper: none known. Scores that all agree give exactly 0.
    """
    token = broadcast(grpo(batch, eps=eps).step, batch)
    part = np.flatnonzero(batch.trained)
    score = batch.column("process_token", "prorag")[part]
    _, mean, std = group_stats(score, batch.group[batch.token_row[part]], ddof=0)
    token[part] += beta * deviation(score, mean) / np.sqrt(std**2 + 1e-8)
    return Advantages(token_mean(token, batch), token)
