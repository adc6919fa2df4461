"""PURE: process rewards less the other episodes' mean, summed from each token to the end."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray
from agentgym.errors import ArgumentError
from baselines.estimators.episodes import episode_length, episode_total
from baselines.estimators.primitives import (
    bounded,
    choice,
    first_rows,
    last_rows,
    last_tokens,
    on_last_tokens,
    return_to_go,
    token_count,
    token_mean,
)
from baselines.estimators.registry import Advantages, register

__all__ = ["pure"]

Baseline: TypeAlias = Literal["step", "token"]


@register(
    "pure",
    paper="Stop Summation: Min-Form Credit Assignment Is All Process Reward Model Needs for Reasoning",
    arxiv="2504.15275",
    needs=("process_reward", "outcome"),
    level="token",
)
def pure(
    batch: StepBatch,
    *,
    baseline: Baseline = "step",
    verifiable_weight: float = 0.0,
    separator_zero: bool = True,
) -> Advantages:
    """Sum over the tokens to come the process rewards, less a baseline from the group's other episodes.

    O_i is the sum of episode i's process rewards. A step's reward is lowered by mean_{j != i} O_j / steps_j
    ("step"), or by its tokens times sum_{j != i} O_j / sum_{j != i} tokens_j ("token"), and lies on its last
    token; the episode's last token also gets v = outcome - 1 plus verifiable_weight * (v_i - mean_{j != i}
    v_j) if that weight is not 0. A(t) is the sum from t to the episode's end. Min-form rewards, which make
    the worst step count: the rule "pure_min_form" of `baselines.rewards`.

    Args:
        batch: N steps with T response tokens.
        baseline: "step" or "token".
        verifiable_weight: Weight of the outcome's term.
        separator_zero: Whether the last token of every step gets 0, as released: there it is a separator.
            Pass False where steps do not end in one.

    Returns:
        `token` of shape (T,), 0 at untrained tokens; `step` of shape (N,), its mean over a step's tokens.

    Raises:
        ArgumentError: A group has one episode, or the choice is unknown.

    References:
        Cheng et al. 2025, https://arxiv.org/abs/2504.15275; the baselines are those of the released code.
        Deviation from the paper: none known.
    """
    choice("baseline", baseline, Baseline)
    first, group = first_rows(batch.episode), bounded(batch.group)
    episodes = np.bincount(group[first])
    if (episodes[group] == 1).any():
        raise ArgumentError(
            "pure compares with the group's other episodes, and a group has one. Use groups of 2."
        )
    reward = batch.column("process_reward", "pure")
    total = episode_total(reward, batch)
    if baseline == "step":
        rate = total / episode_total(np.ones(len(batch)), batch)
        lower = _others(rate, first, group) / (episodes[group] - 1)
    else:
        others = np.maximum(_others(episode_length(batch), first, group), 1.0)
        lower = _others(total, first, group) / others * token_count(batch)
    gained = reward - lower
    if verifiable_weight:
        lead = batch.outcome - _others(batch.outcome, first, group) / (episodes[group] - 1)
        gained = gained + np.where(last_rows(batch.episode), verifiable_weight * lead, 0.0)
    token = return_to_go(on_last_tokens(gained, batch), batch.episode[batch.token_row], 1.0)
    if separator_zero:
        token[last_tokens(batch)[0]] = 0.0
    token = np.where(batch.trained, token, 0.0)
    return Advantages(token_mean(token, batch), token)


def _others(x: FloatArray, first: BoolArray, group: IntArray) -> FloatArray:
    """Sum over the group's other episodes of a value that each has on all its rows, shape (N,)."""
    return np.asarray(np.bincount(group[first], x[first])[group] - x)
