"""GDPO: each reward is normalised by itself before they are added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError
from baselines.estimators.primitives import broadcast, choice, first_rows, group_norm, token_mean
from baselines.estimators.primitives import whiten as standardise
from baselines.estimators.registry import Advantages, register

__all__ = ["gdpo", "reward_weights"]

WhitenUnits: TypeAlias = Literal["tokens", "episodes"]


@register(
    "gdpo",
    paper="GDPO: Group reward-Decoupled Normalization Policy Optimization for Multi-reward RL Optimization",
    arxiv="2601.05242",
    needs=("rewards",),
    level="episode",
)
def gdpo(
    batch: StepBatch,
    *,
    weights: Sequence[float] | None = None,
    whiten: WhitenUnits = "tokens",
    eps: float = 1e-6,
    ddof: int = 1,
) -> Advantages:
    """Add up each reward's advantage in the group, and standardise the sum over the batch.

    s = sum_k w_k * (r_k - mean_g r_k) / (std_g r_k + eps), over one value per episode; then whitened over
    trained tokens, or (s - mean s) / (std s + eps) over episodes. A constant reward adds 0, and does not
    drown the others as it would if the rewards were added first.

    Args:
        batch: N steps with `rewards` (N, K): an episode's K scores, on each of its steps.
        weights: K numbers; None: all 1.
        whiten: "tokens" (long responses weigh more) or "episodes".
        eps: Added to the deviations (released TRL branch: 1e-4).
        ddof: Degrees of freedom of the deviations.

    Returns:
        `step` of shape (N,); with "tokens" also `token` of shape (T,).

    Raises:
        ArgumentError: The weights do not fit, a choice is unknown, or fewer than two tokens are to be
            whitened.

    References:
        NVIDIA 2026, https://arxiv.org/abs/2601.05242. Deviation from the paper: eps; groups of one keep their
        scores, as released.
    """
    choice("whiten", whiten, WhitenUnits)
    rewards, first = batch.column("rewards", "gdpo"), first_rows(batch.episode)
    total = np.zeros(len(batch))
    for weight, reward in zip(reward_weights(weights, rewards), rewards.T, strict=True):
        total += weight * group_norm(reward, batch.group, "mean_std", first, ddof=ddof, eps=eps)
    if whiten == "episodes":
        whole = np.zeros(len(batch), np.int64)
        return Advantages(group_norm(total, whole, "mean_std", first, ddof=ddof, eps=eps, single="zero"))
    token = standardise(broadcast(total, batch), batch.token_mask)
    return Advantages(token_mean(token, batch), token)


def reward_weights(weights: Sequence[float] | None, rewards: FloatArray) -> FloatArray:
    """Check one weight for each column of `rewards`, shape (K,); None: all 1.

    Raises:
        ArgumentError: Their number is not K.
    """
    chosen = np.ones(rewards.shape[1]) if weights is None else np.asarray(weights, np.float64)
    if chosen.shape != (rewards.shape[1],):
        raise ArgumentError(
            f"`weights` has {chosen.size} numbers for {rewards.shape[1]} rewards. Pass one for each."
        )
    return chosen
