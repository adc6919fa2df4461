"""GAE over the tokens of an episode, with a value at each token."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.critic import CriticAdvantages, token_rewards
from baselines.estimators.primitives import choice, token_mean
from baselines.estimators.primitives import whiten as standardise
from baselines.estimators.recursions import following, segment_gae
from baselines.estimators.registry import register

__all__ = ["Masked", "WhitenTokens", "gae_token"]

Masked: TypeAlias = Literal["skip", "through"]
WhitenTokens: TypeAlias = Literal["tokens", "none"]


@register(
    "gae_token",
    paper="High-Dimensional Continuous Control Using Generalized Advantage Estimation",
    arxiv="1506.02438",
    needs=("value_token",),
    level="token",
)
def gae_token(
    batch: StepBatch,
    *,
    gamma: float = 1.0,
    lam: float = 1.0,
    masked: Masked = "skip",
    whiten: WhitenTokens = "tokens",
) -> CriticAdvantages:
    """Generalised advantage estimation with the token as the time step.

    delta(k) = r(k) + gamma * V(k+1) - V(k); A(k) = delta(k) + gamma * lam * A(k+1), over all tokens of an
    episode across its steps; V and A are 0 after the last one. Rewards: see `token_rewards`.

    Args:
        batch: N steps with T response tokens.
        gamma: Discount between tokens.
        lam: Trace.
        masked: Untrained tokens are passed over, value and trace carried from one trained token to the next
            ("skip"), or take part in the recursion ("through": older released code).
        whiten: Standardise over the trained tokens of the batch ("tokens"), or not ("none").

    Returns:
        `token` of shape (T,), 0 at untrained tokens; `step` of shape (N,), its mean over a step's tokens;
        `returns` of shape (T,), A + V before whitening.

    Raises:
        ArgumentError: A choice is unknown, or fewer than two tokens are to be whitened.

    References:
        Schulman et al. 2016, eq. 16, https://arxiv.org/abs/1506.02438. Deviation from the paper: whitening.
        Deviation from released code (verl): the reward goes to the last trained token of its step, where verl
        would lose it under "skip" if the step's last token is masked.
    """
    choice("masked", masked, Masked)
    choice("whiten", whiten, WhitenTokens)
    value, trained = batch.column("value_token", "gae_token"), batch.trained
    part = np.flatnonzero(trained) if masked == "skip" else np.arange(batch.tokens)
    episode, here = batch.episode[batch.token_row[part]], value[part]
    advantage = np.zeros(batch.tokens)
    advantage[part] = segment_gae(
        token_rewards(batch)[part], here, following(here, episode), 1.0, episode, gamma, lam
    )
    returns = np.where(trained, advantage + value, 0.0)
    token = standardise(advantage, trained) if whiten == "tokens" else np.where(trained, advantage, 0.0)
    return CriticAdvantages(token_mean(token, batch), token, returns)
