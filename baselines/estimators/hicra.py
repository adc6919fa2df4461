"""HICRA: tokens that plan get more credit."""

from __future__ import annotations

from typing import Any

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.primitives import broadcast, token_mean
from baselines.estimators.registry import Advantages, advantages, register

__all__ = ["hicra"]


@register(
    "hicra",
    paper="Emergent Hierarchical Reasoning in LLMs through Reinforcement Learning",
    arxiv="2509.03646",
    needs=("planning_token",),
    level="token",
    reference=False,
)
def hicra(batch: StepBatch, *, alpha: float = 0.2, base: str | None = None, **keywords: Any) -> Advantages:
    """Add alpha times its magnitude to the advantage of planning tokens: A + alpha |A|.

    Args:
        batch: N steps with T response tokens; `planning_token` marks those that plan.
        alpha: Strength.
        base: Method whose advantages are modulated; None: the column `advantage`, or grpo where the batch
            has none.
        keywords: Passed to the base.

    Returns:
        `token` of shape (T,), 0 at untrained tokens; `step` of shape (N,), its mean over a step's tokens.

    Raises:
        UnknownNameError: There is no such base or keyword of it.

    References:
        Wang et al. 2025, https://arxiv.org/abs/2509.03646. Our reading, not checked against released code.
        Deviation from the paper: none known; there phrases that occur in many solutions mark planning.
    """
    if base is None and batch.advantage is not None:
        token = np.where(batch.trained, batch.advantage, 0.0)
    else:
        own = advantages(base or "grpo", batch, **keywords)
        token = broadcast(own.step, batch) if own.token is None else own.token
    planning = batch.column("planning_token", "hicra")
    token = np.where(planning, token + alpha * np.abs(token), token)
    return Advantages(token_mean(token, batch), token)
