"""IGPO: every turn is rewarded by how much likelier it made the right answer."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from baselines.estimators.labels import bounded
from baselines.estimators.primitives import (
    Norm,
    backward_scan,
    choice,
    codes,
    first_rows,
    last_rows,
    token_mean,
)
from baselines.estimators.recursions import step_number
from baselines.estimators.registry import Advantages, register
from baselines.estimators.turns import Boundary, credited_turns, soft_norm

__all__ = ["igpo"]

Variant: TypeAlias = Literal["joint", "separate", "position"]


@register(
    "igpo",
    paper="Information Gain-based Policy Optimization: A Simple and Effective Approach for Multi-Turn Search "
    "Agents",
    arxiv="2510.14967",
)
def igpo(
    batch: StepBatch,
    *,
    gamma: float = 1.0,
    variant: Variant = "joint",
    norm: Norm = "mean_std",
    boundary: Boundary = "steps",
    eps: float = 1e-6,
) -> Advantages:
    """Accumulate normalised information gains and the normalised outcome over the turns that follow.

    `reward` is the outcome at an episode's last step and the turn's information gain at the others (the rule
    "information_gain" of `baselines.rewards`). joint: z normalises gains and outcomes of the group together;
    separate: gains and outcomes each for itself. A(k) = z(k) + gamma * A(k+1). position: per token
    G(t) = r(t) + gamma * G(t+1), less the mean over the group's episodes of G at the same token position,
    without deviation.

    Args:
        batch: N steps. "position" reads `reward_token`, wants untrained tokens listed, and stops the sum
            before an untrained token.
        gamma: Discount between turns ("position": between tokens).
        variant: "joint" (the paper's), "separate", or "position" (the released trainer's).
        norm: "mean_std", "mean" or "none".
        boundary: Every step is a turn ("steps"); or a step whose gain is exactly 0 is none and takes the next
            turn's advantage ("nonzero": released).
        eps: Added to the deviation.

    Returns:
        `step` of shape (N,); "position": `token` of shape (T,) and `step`, its mean over a step's tokens.

    Raises:
        MissingColumnError: "position" without `reward_token`.
        ArgumentError: A choice is unknown.

    References:
        Wang et al. 2025, https://arxiv.org/abs/2510.14967; deviations with n in the denominator, as released.
        Deviation from the paper: eps; a group of one turn gets 0.
    """
    choice("variant", variant, Variant)
    if variant == "position":
        return _by_position(batch, gamma)
    turn, last = credited_turns(batch, boundary), last_rows(batch.episode)
    kind = last.astype(np.int64) if variant == "separate" else np.zeros(len(batch), np.int64)
    score = np.zeros(len(batch))
    score[turn] = soft_norm(batch.reward[turn], codes(batch.group[turn], kind[turn]), norm, eps=eps)
    return Advantages(backward_scan(score, np.where(turn, gamma, 1.0), batch.episode))


def _by_position(batch: StepBatch, gamma: float) -> Advantages:
    reward = batch.column("reward_token", "igpo with variant='position'")
    row, trained = batch.token_row, batch.trained
    episode = batch.episode[row]
    going = np.append(trained[1:], False) * gamma  # a token is reached from the one before it, if trained
    total = backward_scan(reward, going, episode)
    group = bounded(batch.group)
    cell = codes(group[row], step_number(episode))
    members = np.bincount(group[first_rows(batch.episode)], minlength=int(group.max()) + 1)
    mean: FloatArray = np.bincount(cell, total)[cell] / members[group[row]]
    token = np.where(trained, total - mean, 0.0)
    return Advantages(token_mean(token, batch), token)
