"""Bi-level GAE: over turns first, then over the tokens within each turn."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.critic import CriticAdvantages, step_ends, token_rewards
from baselines.estimators.gae_token import WhitenTokens
from baselines.estimators.primitives import choice, token_mean
from baselines.estimators.primitives import whiten as standardise
from baselines.estimators.recursions import backward_scan, following, segment_gae
from baselines.estimators.registry import register

__all__ = ["gae_bilevel"]

Boundary: TypeAlias = Literal["steps", "nonzero"]


@register(
    "gae_bilevel",
    paper="RAGEN: Understanding Self-Evolution in LLM Agents via Multi-Turn Reinforcement Learning",
    arxiv="2504.20073",
    needs=("value_token",),
    level="token",
)
def gae_bilevel(
    batch: StepBatch,
    *,
    gamma: float = 1.0,
    lam: float = 1.0,
    gamma_high: float = 0.95,
    boundary: Boundary = "steps",
    whiten: WhitenTokens = "tokens",
) -> CriticAdvantages:
    """GAE between the ends of turns, then GAE within each turn that starts from the turn's advantage.

    At the last token e of a turn: A(e) = R + gamma_high * V(e') - V(e) + gamma_high * lam * A(e'), e' the end
    of the next turn. At the other tokens: A(k) = r(k) + gamma * V(k+1) - V(k) + gamma * lam * A(k+1). V and A
    are 0 after the episode's last token; untrained tokens are passed over. Rewards: see `token_rewards`.

    Args:
        batch: N steps with T response tokens.
        gamma: Discount between the tokens of a turn.
        lam: Trace, on both levels.
        gamma_high: Discount between turns.
        boundary: Every step is a turn ("steps"), or only tokens with a reward other than 0 end one
            ("nonzero": as released).
        whiten: Standardise over the trained tokens of the batch ("tokens"), or not ("none").

    Returns:
        `token` of shape (T,), 0 at untrained tokens; `step` of shape (N,), its mean over a step's tokens;
        `returns` of shape (T,), A + V before whitening.

    Raises:
        ArgumentError: A choice is unknown, or fewer than two tokens are to be whitened.

    References:
        Wang et al. 2025, bi-level GAE, https://arxiv.org/abs/2504.20073. Deviation from the paper: whitening,
        as released. Deviation from released code: with "nonzero" an episode whose last reward is 0 is no
        error; its last tokens have nothing after them.
    """
    choice("boundary", boundary, Boundary)
    choice("whiten", whiten, WhitenTokens)
    trained = batch.trained
    part = np.flatnonzero(trained)
    row = batch.token_row[part]
    value, reward = batch.column("value_token", "gae_bilevel")[part], token_rewards(batch)[part]
    episode = batch.episode[row]
    end = step_ends(row) if boundary == "steps" else reward != 0
    inputs = reward + gamma * following(value, episode) - value
    after = following(value[end], episode[end])
    inputs[end] = segment_gae(reward[end], value[end], after, 1.0, episode[end], gamma_high, lam)
    advantage, returns = np.zeros(batch.tokens), np.zeros(batch.tokens)
    advantage[part] = backward_scan(inputs, np.where(end, 0.0, gamma * lam), episode)
    returns[part] = advantage[part] + value
    token = standardise(advantage, trained) if whiten == "tokens" else advantage
    return CriticAdvantages(token_mean(token, batch), token, returns)
