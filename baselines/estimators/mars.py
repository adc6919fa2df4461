"""MARS: turn-level returns of several players, normalised by player."""

from __future__ import annotations

from typing import Literal

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray, IntArray
from agentgym.errors import ArgumentError
from baselines.estimators.primitives import (
    Norm,
    bounded,
    choice,
    group_norm,
    group_stats,
    on_last_tokens,
    return_to_go,
    token_count,
    token_mean,
    whiten,
)
from baselines.estimators.registry import Advantages, register

__all__ = ["mars"]

Whiten = Literal["tokens", "none"]
Unique = Literal["steps", "released"]
_LEAST_STD = 1e-6


@register(
    "mars",
    paper="MARS: Reinforcing Multi-Agent Reasoning of LLMs through Self-Play in Strategic Games",
    arxiv="2510.15414",
    needs=("agent", "token_offsets"),
    level="token",
)
def mars(
    batch: StepBatch,
    *,
    gamma: float = 1.0,
    reward_norm: Norm = "mean",
    whiten_rewards: Whiten = "tokens",
    advantage_norm: Norm = "mean",
    whiten_advantages: Whiten = "tokens",
    unique: Unique = "steps",
    clip: float | None = None,
    eps: float = 1e-6,
) -> Advantages:
    """Take returns of normalised turn rewards and normalise them by player.

    1. r'(t) = reward less its mean over the player's steps (mean_std: divided by std + eps, and 0 if std is
    at most 1e-6). 2. r' lies on the step's last trained token, 0 on the others; whitening standardises all
    tokens, so each carries an offset and returns depend on length. 3. G = return-to-go over the episode's
    tokens. 4. A = G less the mean of the player's values (mean_std: divided by their std + eps). 5. A is
    standardised over tokens and clamped.

    Args:
        batch: N steps with T response tokens. An episode holds the steps of one player. A step without
            trained tokens adds its r' to the last trained token before it in the episode.
        gamma: Discount between tokens.
        reward_norm: "mean", "mean_std" or "none", step 1.
        whiten_rewards: "tokens", or "none", which avoids the offset; step 2.
        advantage_norm: "mean", "mean_std" or "none", step 4.
        whiten_advantages: "tokens" or "none", step 5.
        unique: The player's values of step 4: one per step, the mean G of its tokens ("steps"); or the
            distinct values of G, to 9 decimals, and 0 beside them ("released"). One value alone gives 0.
        clip: Largest magnitude of the result; None for no bound.
        eps: Added to the deviations.

    Returns:
        `token` of shape (T,), 0 at untrained tokens, and `step` of shape (N,), its mean over a step's tokens.

    Raises:
        ArgumentError: Fewer than two trained tokens to whiten, `clip` not above 0, or an unknown choice.

    References:
        Yuan et al. 2025, turn-level advantages and agent-specific normalisation,
        https://arxiv.org/abs/2510.15414. Deviation from the paper: whitening over tokens, as released.
        Deviation from released code: `unique`, whose released value counts equal returns once and the padding
        as a return.
    """
    choice("reward_norm", reward_norm, Norm)
    choice("whiten_rewards", whiten_rewards, Whiten)
    choice("advantage_norm", advantage_norm, Norm)
    choice("whiten_advantages", whiten_advantages, Whiten)
    choice("unique", unique, Unique)
    if clip is not None and clip <= 0:
        raise ArgumentError(f"`clip` is {clip}. It must be above 0, or None for no bound.")
    row = batch.token_row
    token = _token_rewards(batch, reward_norm, eps)
    if whiten_rewards == "tokens":
        token = whiten(token, batch.token_mask)
    token = return_to_go(token, batch.episode[row], gamma)
    token = _by_player(token, row, batch, advantage_norm, unique, eps)
    if batch.token_mask is not None:
        token[~batch.token_mask] = 0.0
    if whiten_advantages == "tokens":
        token = whiten(token, batch.token_mask)
    if clip is not None:
        token = np.clip(token, -clip, clip)
    return Advantages(token_mean(token, batch), token)


def _token_rewards(batch: StepBatch, norm: Norm, eps: float) -> FloatArray:
    reward = group_norm(batch.reward, batch.agent, norm, eps=eps, single="zero")
    if norm == "mean_std":
        reward[group_stats(batch.reward, batch.agent).std <= _LEAST_STD] = 0.0
    return on_last_tokens(reward, batch)


def _by_player(
    returns: FloatArray, row: IntArray, batch: StepBatch, norm: Norm, unique: Unique, eps: float
) -> FloatArray:
    if norm == "none" or not batch.trained.any():
        return returns.copy()
    agent = bounded(batch.agent)
    counted = np.flatnonzero(token_count(batch))
    if unique == "steps":
        values, player = token_mean(returns, batch)[counted], agent[counted]
    else:
        values, player = _distinct(returns[batch.trained], agent[row][batch.trained])
    stats = group_stats(values, player)
    mean, scale, several = (np.zeros(int(agent.max()) + 1) for _ in range(3))
    mean[player], scale[player], several[player] = stats.mean, stats.std, stats.std > 0
    at = agent[row]
    centred = np.where(several[at] > 0, returns - mean[at], 0.0)
    return centred if norm == "mean" else centred / (scale[at] + eps)


def _distinct(values: FloatArray, player: IntArray) -> tuple[FloatArray, IntArray]:
    """Each player's distinct values, to 9 decimals, and 0 among them."""
    present = np.unique(player)
    player = np.concatenate([player, present])
    values = np.concatenate([np.round(values, 9), np.zeros(len(present))])
    order = np.lexsort((values, player))
    values, player = values[order], player[order]
    new = np.append(True, (values[1:] != values[:-1]) | (player[1:] != player[:-1]))
    return values[new], player[new]
