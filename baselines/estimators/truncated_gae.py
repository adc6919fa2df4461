"""T-PPO's extended GAE: an episode that was cut off is valued as its last token."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.critic import CriticAdvantages, token_rewards, truncated_ends
from baselines.estimators.primitives import bounded, token_mean
from baselines.estimators.recursions import following, segment_gae
from baselines.estimators.registry import register

__all__ = ["truncated_gae"]


@register(
    "truncated_gae",
    paper="Truncated Proximal Policy Optimization",
    arxiv="2506.15050",
    needs=("value_token",),
    level="token",
    reference=False,
)
def truncated_gae(batch: StepBatch, *, gamma: float = 1.0, lam: float = 0.95) -> CriticAdvantages:
    """Generalised advantage estimation over tokens that goes on after a truncation.

    delta(k) = r(k) + gamma * V(k+1) - V(k); A(k) = delta(k) + gamma * lam * A(k+1). After the last token V is
    0 if the task ended, and V of the last token itself if the steps ran out; A is 0. Untrained tokens are
    passed over. Rewards: see `token_rewards`.

    Args:
        batch: N steps with T response tokens.
        gamma: Discount between tokens.
        lam: Trace.

    Returns:
        `token` of shape (T,), 0 at untrained tokens; `step` of shape (N,), its mean over a step's tokens;
        `returns` of shape (T,), A + V. Nothing is whitened.

    References:
        Fan et al. 2025, extended GAE, https://arxiv.org/abs/2506.15050. Our reading, not checked against
        released code. Deviation from the paper: none known.
    """
    part = np.flatnonzero(batch.trained)
    row = batch.token_row[part]
    value, episode = batch.column("value_token", "truncated_gae")[part], batch.episode[row]
    label = bounded(batch.episode)
    cut = np.bincount(label, truncated_ends(batch)) > 0
    beyond = following(value, episode, np.where(cut[label[row]], value, 0.0))
    advantage, returns = np.zeros(batch.tokens), np.zeros(batch.tokens)
    advantage[part] = segment_gae(token_rewards(batch)[part], value, beyond, 1.0, episode, gamma, lam)
    returns[part] = advantage[part] + value
    return CriticAdvantages(token_mean(advantage, batch), advantage, returns)
