"""HiPER: advantages of actions, of subgoals and of the decision to keep a subgoal (HAE)."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray, episode_sums
from baselines.estimators.critic import truncated_ends
from baselines.estimators.primitives import (
    Norm,
    choice,
    first_rows,
    group_norm,
    last_rows,
    previous_rows,
    token_mean,
)
from baselines.estimators.recursions import backward_scan, following, number_segments, segment_gae
from baselines.estimators.registry import register

__all__ = ["HiperAdvantages", "hiper"]

KeepMode: TypeAlias = Literal["fixed", "normalized"]

_ACTION, _SUBGOAL, _SWITCH = 1, 2, 4  # bits of `token_role`


class HiperAdvantages(NamedTuple):
    """Advantages and what the three critics are trained on.

    Attributes:
        step: Mean advantage of each step's trained tokens, shape (N,), float64.
        token: Advantage of each token, shape (T,), 0 where it has no role or is not trained.
        returns: For the critic of actions, `value`, shape (N,).
        returns_high: For the critic of subgoals, `value_high`, shape (N,); 0 where no segment starts.
        returns_term: For the termination critic, `value_term`, shape (N,).
        starts: Where a segment starts, shape (N,), bool: the steps that train the critic of subgoals.
    """

    step: FloatArray
    token: FloatArray
    returns: FloatArray
    returns_high: FloatArray
    returns_term: FloatArray
    starts: BoolArray


@register(
    "hiper",
    paper="HiPER: Hierarchical Reinforcement Learning with Explicit Credit Assignment for Large Language "
    "Model Agents",
    arxiv="2602.16165",
    needs=("value", "value_high", "subgoal", "token_role"),
    level="token",
)
def hiper(
    batch: StepBatch,
    *,
    gamma: float = 1.0,
    lam: float = 1.0,
    lam_segment: float = 0.95,
    keep_penalty: float = 0.0,
    keep_mode: KeepMode = "fixed",
    consistency_penalty: float = 0.0,
    invalid_penalty: float = 0.0,
    bootstrap: bool = False,
    norm: Norm = "mean_std",
    eps: float = 1e-8,
) -> HiperAdvantages:
    """Hierarchical advantage estimation: within the segments of a subgoal, and between them.

    A segment runs from the choice of a subgoal to the step before the next one; V', V and U are the critics
    `value_high`, `value` and `value_term`.

    * Actions: GAE(gamma, lam) on V within a segment; after its end comes V' of the next segment's start.
    * Subgoals, at a start s of a segment of d steps: delta = sum_j gamma^j r(s+j) + gamma^d V'(s+d) - V'(s),
      A(s) = delta + gamma^d * lam_segment * A(s+d).
    * Keep or switch (if the batch has `value_term`): return to the segment's end, gamma^k V' included, - U.

    After a terminated step everything is 0. Each level is normalised over its own steps, then given to the
    tokens of its role; a token of several roles gets the sum.

    Args:
        batch: N steps with T tokens. `subgoal` says where a segment starts (an episode's first step always
            does), `token_role` which tokens are action, subgoal and switch text.
        gamma: Discount between steps.
        lam: Trace between steps.
        lam_segment: Trace between segments.
        keep_penalty: Added to the reward of steps where `subgoal` is false (released: -0.3, WebShop -3.5).
        keep_mode: The penalty as it is ("fixed"), or divided by the steps of the episode, and none in an
            episode of one step ("normalized").
        consistency_penalty: Added where a subgoal is kept and yet the text of this step and that of the step
            before name different ones; needs `option` unless 0 (released: -0.3).
        invalid_penalty: Taken off the reward where `valid` is false.
        bootstrap: Count a truncated episode's last segment as going on at the critics' own values.
        norm: Of each level over the steps that have tokens of its role (subgoals: over segment starts).
        eps: Added to the deviations (ddof 0).

    Returns:
        Advantages of tokens and steps, and the returns of the critics before normalisation.

    Raises:
        ArgumentError: A choice is unknown.
        MissingColumnError: `consistency_penalty` is set and `option` is absent.

    References:
        Peng et al. 2026, hierarchical advantage estimation, https://arxiv.org/abs/2602.16165. Deviation from
        the paper: the termination critic is a value of its own, as released. Deviation from released code:
        only episodes marked as truncated are bootstrapped.
    """
    choice("keep_mode", keep_mode, KeepMode)
    choice("norm", norm, Norm)
    reward = batch.reward + _keep_rewards(batch, keep_penalty, keep_mode) - invalid_penalty * ~batch.valid
    if consistency_penalty != 0.0:
        reward = reward + consistency_penalty * _strays(batch)
    levels = _levels(batch, reward, gamma, lam, lam_segment, bootstrap)
    token = _to_tokens(batch, levels.low, _ACTION, norm, eps)
    token += _to_tokens(batch, levels.high, _SUBGOAL, norm, eps, levels.starts)
    if batch.value_term is not None:
        token += _to_tokens(batch, levels.option_return - batch.value_term, _SWITCH, norm, eps)
    high_value = np.where(levels.starts, batch.column("value_high", "hiper"), 0.0)
    return HiperAdvantages(
        token_mean(token, batch),
        token,
        returns=levels.low + batch.column("value", "hiper"),
        returns_high=levels.high + high_value,
        returns_term=levels.option_return,
        starts=levels.starts,
    )


class _Levels(NamedTuple):
    """Advantages of actions and of subgoals (0 but at starts), return to the segment's end; each (N,)."""

    low: FloatArray
    high: FloatArray
    option_return: FloatArray
    starts: BoolArray


def _levels(
    batch: StepBatch, reward: FloatArray, gamma: float, lam: float, lam_segment: float, bootstrap: bool
) -> _Levels:
    low_value, high_value = batch.column("value", "hiper"), batch.column("value_high", "hiper")
    starts = first_rows(batch.episode) | batch.column("subgoal", "hiper")
    segment = number_segments(starts, batch.episode)
    cut = truncated_ends(batch) & bootstrap

    beyond = following(high_value, batch.episode, np.where(cut, low_value, 0.0))
    beyond = following(low_value, segment, beyond)
    low = segment_gae(reward, low_value, beyond, ~batch.terminated, segment, gamma, lam)

    own = _per_segment(high_value, starts, segment)[segment]
    after = following(high_value, batch.episode, np.where(cut, own, 0.0))
    going = last_rows(segment) & ~batch.terminated
    option_return = backward_scan(reward + gamma * np.where(going, after, 0.0), gamma, segment)

    decay = lam_segment * gamma ** np.bincount(segment) * np.bincount(segment, going)
    high = np.zeros(len(batch))
    delta = (option_return - high_value)[starts]
    high[starts] = backward_scan(delta, decay[segment[starts]], batch.episode[starts])
    return _Levels(low, high, option_return, starts)


def _keep_rewards(batch: StepBatch, penalty: float, mode: KeepMode) -> FloatArray:
    """Reward for keeping the subgoal, by the raw flag, also at an episode's first step, shape (N,)."""
    kept = np.where(batch.column("subgoal", "hiper"), 0.0, penalty)
    if mode == "fixed":
        return kept
    steps = episode_sums(batch.episode, np.ones(len(batch)))
    return np.where(steps > 1, kept / steps, 0.0)


def _strays(batch: StepBatch) -> BoolArray:
    """Whether a subgoal is kept, but written differently from the step before, shape (N,)."""
    option = batch.column("option", "hiper with consistency_penalty")
    previous = previous_rows(batch.episode)
    before = np.where(previous >= 0, option[previous], -1)
    stray: BoolArray = ~batch.column("subgoal", "hiper") & (option >= 0) & (before >= 0) & (option != before)
    return stray


def _per_segment(x: FloatArray, starts: BoolArray, segment: IntArray) -> FloatArray:
    """The value at the start of each segment, by segment number."""
    values = np.empty(int(starts.sum()))
    values[segment[starts]] = x[starts]
    return values


def _to_tokens(
    batch: StepBatch, x: FloatArray, role: int, norm: Norm, eps: float, where: BoolArray | None = None
) -> FloatArray:
    """Normalise step advantages over the steps with tokens of a role and give them to these tokens: (T,)."""
    row = batch.token_row
    chosen = batch.trained & (batch.column("token_role", "hiper") & role > 0)
    if where is not None:
        chosen &= where[row]
    steps = np.unique(row[chosen])
    values = np.zeros(len(batch))
    values[steps] = group_norm(x[steps], np.zeros(len(steps), np.int64), norm, ddof=0, eps=eps, single="zero")
    token: FloatArray = np.where(chosen, values[row], 0.0)
    return token
