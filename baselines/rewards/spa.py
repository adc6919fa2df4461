"""SPA: rewards from predicted contributions of the steps to the task's completion."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import FloatArray, IntArray
from agentgym.errors import ArgumentError
from baselines.estimators.recursions import backward_scan

__all__ = ["Rule", "spa"]

Rule: TypeAlias = Literal["paper", "released"]


def spa(
    process_reward: ArrayLike,
    valid: ArrayLike | None = None,
    episode: ArrayLike | None = None,
    token_offsets: ArrayLike | None = None,
    logprob: ArrayLike | None = None,
    ref_logprob: ArrayLike | None = None,
    *,
    rule: Rule = "paper",
    alpha: float = 1.0,
    beta: float = 0.5,
    kl_coef: float = 0.0,
) -> FloatArray:
    """Reward each step with its predicted contribution and with a signal that its action was executed.

    paper: r(t) = alpha * c(t) + beta * [action executed]. released: each token gets
    -kl_coef * (logprob - ref_logprob), and the last token of step k of K (from 0) also c(k) * (K - 1 - k), so
    that the last step gets nothing: an oddity kept for parity.

    Args:
        process_reward: Predicted contributions c, which sum to the final reward, shape (N,), float64.
        valid: Whether the environment executed the action, shape (N,), bool; needed by "paper".
        episode: Episode of each step, rows in time order, shape (N,), int64; needed by "released".
        token_offsets: Bounds of the steps' tokens, shape (N+1,), int64; needed by "released". A step without
            tokens loses its reward.
        logprob: Log-probability of each token, shape (T,); needed by "released" unless kl_coef is 0.
        ref_logprob: The same under the reference policy, shape (T,); needed likewise.
        rule: "paper" or "released".
        alpha: Weight of the contribution (paper).
        beta: Weight of the execution signal (paper).
        kl_coef: Weight of the divergence (released).

    Returns:
        Step rewards of shape (N,) under "paper", token rewards of shape (T,) under "released".

    Raises:
        ArgumentError: The rule is unknown, or a column that it needs is absent.

    References:
        Wang et al. 2025, https://arxiv.org/abs/2505.20732. "paper" is our reading, not checked against
        released code; "released" is `compute_rewards` of the authors' trainer.
    """
    contribution = np.asarray(process_reward, np.float64)
    if rule == "paper":
        return alpha * contribution + beta * np.asarray(_given("valid", valid, rule), np.bool_)
    if rule != "released":
        raise ArgumentError(f"`rule` is {rule!r}. Expected one of {', '.join(map(repr, get_args(Rule)))}.")
    offsets = np.asarray(_given("token_offsets", token_offsets, rule), np.int64)
    later = backward_scan(np.ones(len(contribution)), 1.0, _given("episode", episode, rule)) - 1.0
    reward = _on_last_tokens(contribution * later, offsets)
    if kl_coef != 0.0:
        new, ref = _given("logprob", logprob, rule), _given("ref_logprob", ref_logprob, rule)
        reward -= kl_coef * (np.asarray(new, np.float64) - np.asarray(ref, np.float64))
    return reward


def _given(name: str, column: ArrayLike | None, rule: Rule) -> ArrayLike:
    if column is None:
        raise ArgumentError(f"`{name}` is absent. spa with rule={rule!r} needs it. Pass {name}=...")
    return column


def _on_last_tokens(step_rewards: FloatArray, offsets: IntArray) -> FloatArray:
    reward, written = np.zeros(int(offsets[-1])), np.diff(offsets) > 0
    reward[offsets[1:][written] - 1] = step_rewards[written]
    return reward
