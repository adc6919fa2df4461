"""BAPO: the clip range widens until positive tokens weigh enough."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import torch
from torch import Tensor

from agentgym.errors import ArgumentError
from baselines.losses.aggregate import Aggregate
from baselines.losses.ppo import ppo
from baselines.losses.registry import register_loss
from baselines.losses.surrogate import Surrogate
from baselines.losses.tensors import Column

__all__ = ["bapo"]

Accounting: TypeAlias = Literal["released", "in_range"]


@register_loss(
    "bapo",
    paper="BAPO: Stabilizing Off-Policy Reinforcement Learning for LLMs via Balanced Policy Optimization "
    "with Adaptive Clipping",
    arxiv="2510.18927",
)
def bapo(
    logprob: Column,
    old_logprob: Column,
    advantage: Column,
    token_mask: Column | None = None,
    token_offsets: Column | None = None,
    *,
    target: float = 1.0,
    low_start: float = 0.6,
    low_max: float = 0.8,
    low_step: float = 0.05,
    high_start: float = 1.2,
    high_max: float = 2.0,
    high_step: float = 0.05,
    dual_clip: float | None = 3.0,
    accounting: Accounting = "released",
    aggregate: Aggregate = "token_mean",
    width: int | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Ppo with bounds of the ratio that are raised until positive advantages weigh `target` of negative ones.

    q = sum_{A >= 0} min(r, hi) A / (sum_{A < 0} max(r, lo) |A| + 1e-8), infinite without negative tokens.
    While q < target, lo is raised to its maximum, then hi to its own.

    Args:
        logprob: Log-probability of each token under the policy, shape (T,), differentiable.
        old_logprob: The same under the policy that sampled, shape (T,).
        advantage: Shape (T,).
        token_mask: Tokens that are trained, shape (T,), bool; None for all.
        token_offsets: Bounds of the sequences (steps), shape (N+1,), int64; only for reductions over
            sequences.
        target: Least q.
        low_start: First lower bound lo of the ratio.
        low_max: Greatest (paper: 0.9).
        low_step: How much it rises, above 0.
        high_start: First upper bound hi.
        high_max: Greatest (paper: 3.0).
        high_step: How much it rises, above 0.
        dual_clip: See `ppo`.
        accounting: "released"; or "in_range", which leaves negative tokens below lo out of q. Under
            "released" raising lo only lowers q.
        aggregate: The reduction, see `aggregate`.
        width: A constant maximum length, for "seq_mean_token_sum_norm".

    Returns:
        The loss, and detached scalars: `clip_fraction`, `kl`, and the bounds `clip_low` and `clip_high` of
        the ratio.

    Raises:
        ShapeError: The columns differ in length, or no token is trained.
        ArgumentError: A bound or step cannot be used, or the accounting is unknown.

    References:
        Xi et al. 2025, https://arxiv.org/abs/2510.18927. Deviation from the paper: ranges as released.
    """
    if accounting not in get_args(Accounting):
        known = ", ".join(map(repr, get_args(Accounting)))
        raise ArgumentError(f"`accounting` is {accounting!r}. Expected one of {known}.")
    if min(low_step, high_step) <= 0 or not 0 <= low_start <= low_max <= 1 <= high_start <= high_max:
        raise ArgumentError(
            f"The lower bound goes from {low_start} to {low_max} by {low_step}, the upper from {high_start} "
            f"to {high_max} by {high_step}. Expected rising bounds around 1 and steps above 0."
        )
    given = Surrogate.of(logprob, old_logprob, advantage, token_mask)
    with torch.no_grad():
        low, high = low_start, high_start
        while _balance(given, low, high, accounting) < target and (low < low_max or high < high_max):
            if low < low_max:
                low = min(low + low_step, low_max)
            else:
                high = min(high + high_step, high_max)
    loss, info = ppo(
        given.new,
        old_logprob,
        given.gain,
        given.mask,
        token_offsets,
        clip_low=1.0 - low,
        clip_high=high - 1.0,
        dual_clip=dual_clip,
        aggregate=aggregate,
        width=width,
    )
    return loss, {**info, "clip_low": given.new.new_tensor(low), "clip_high": given.new.new_tensor(high)}


def _balance(given: Surrogate, low: float, high: float, accounting: Accounting) -> float:
    """How much positive tokens weigh beside negative ones, q."""
    ratio, gain = given.ratio, given.gain * given.mask
    counted = (gain < 0) & ((ratio >= low) | (accounting == "released"))
    if not bool(counted.any()):
        return float("inf")
    positive = (ratio.clamp(max=high) * gain.clamp(min=0.0)).sum()
    negative = (ratio.clamp(min=low) * gain.abs())[counted].sum()
    return float(positive / (negative + 1e-8))
