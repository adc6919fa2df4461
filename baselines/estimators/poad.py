"""POAD: GAE over tokens that discounts between actions and not within them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import episode_sums
from baselines.estimators.critic import CriticAdvantages, bootstrap_values, step_ends, token_rewards
from baselines.estimators.primitives import choice, token_mean
from baselines.estimators.recursions import following, segment_gae
from baselines.estimators.registry import register

__all__ = ["poad"]

Inner: TypeAlias = Literal["undiscounted", "discounted"]
NextValue: TypeAlias = Literal["first", "last"]


@register(
    "poad",
    paper="Reinforcing Language Agents via Policy Optimization with Action Decomposition",
    arxiv="2405.15821",
    needs=("value_token",),
    level="token",
    aliases={"bad": {"inner": "undiscounted"}, "ntpo": {"inner": "discounted"}},
)
def poad(
    batch: StepBatch,
    *,
    gamma: float = 0.95,
    lam: float = 0.95,
    inner: Inner = "undiscounted",
    next_value: NextValue = "first",
) -> CriticAdvantages:
    """Credit the tokens of an action (a step) so that their sum agrees with the credit of the action.

    Last token: delta = r + gamma * V(next action) - V(k), A(k) = delta + gamma * lam * A(k+1). Inner tokens:
    delta = V(k+1) - V(k), A(k) = delta + lam * A(k+1). After a terminated step V and A are 0; after a
    truncated episode V is `bootstrap` (0 if the batch has none). Untrained tokens are passed over. Rewards:
    see `token_rewards`.

    Args:
        batch: N steps with T response tokens.
        gamma: Discount between actions.
        lam: Trace between tokens.
        inner: Within an action tokens are not discounted, or with gamma ("discounted": the paper's NTPO).
        next_value: The next action's value is that of its first token, or of its last one ("last": the
            repository's variant for ArCHer).

    Returns:
        `token` of shape (T,), 0 at untrained tokens; `step` of shape (N,), its mean over a step's tokens;
        `returns` of shape (T,), A + V. Nothing is whitened.

    Raises:
        ArgumentError: A choice is unknown.

    References:
        Wen et al. 2024, Bellman backup with action decomposition (BAD), https://arxiv.org/abs/2405.15821.
        Deviation from the paper: none. Aliases: bad is poad; ntpo is its baseline of naive token-level PPO.
    """
    choice("inner", inner, Inner)
    choice("next_value", next_value, NextValue)
    part = np.flatnonzero(batch.trained)
    row = batch.token_row[part]
    value, episode, end = batch.column("value_token", "poad")[part], batch.episode[row], step_ends(row)
    after = episode_sums(batch.episode, bootstrap_values(batch))[row]
    beyond = following(value, episode, after)
    if next_value == "last":
        beyond[end] = following(value[end], episode[end], after[end])
    discount = np.where(end, gamma, 1.0 if inner == "undiscounted" else gamma)
    going = ~(end & batch.terminated[row])
    token, returns = np.zeros(batch.tokens), np.zeros(batch.tokens)
    token[part] = segment_gae(token_rewards(batch)[part], value, beyond, going, episode, discount, lam)
    returns[part] = token[part] + value
    return CriticAdvantages(token_mean(token, batch), token, returns)
