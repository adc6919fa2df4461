"""SAPO: a soft gate in place of the clip."""

from __future__ import annotations

import torch
from torch import Tensor

from agentgym.errors import ArgumentError
from baselines.losses.aggregate import Aggregate, aggregate
from baselines.losses.registry import register_loss
from baselines.losses.surrogate import Surrogate
from baselines.losses.tensors import Column

__all__ = ["sapo"]

_aggregate = aggregate  # the keyword has the same name


@register_loss("sapo", paper="Soft Adaptive Policy Optimization", arxiv="2511.20347")
def sapo(
    logprob: Column,
    old_logprob: Column,
    advantage: Column,
    token_mask: Column | None = None,
    token_offsets: Column | None = None,
    *,
    tau_pos: float = 1.0,
    tau_neg: float = 1.05,
    aggregate: Aggregate = "seq_mean_token_mean",
    width: int | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Weigh ratios by a sigmoid that flattens as they leave 1.

    L = -A (4 / tau) sigmoid(tau (r - 1)), tau = tau_pos where A > 0, else tau_neg;
    r = exp(clip(logprob - old_logprob, -20, 20)), which has no gradient beyond +-20.

    Args:
        logprob: Log-probability of each token under the policy, shape (T,), differentiable.
        old_logprob: The same under the policy that sampled, shape (T,).
        advantage: Shape (T,).
        token_mask: Tokens that are trained, shape (T,), bool; None for all.
        token_offsets: Bounds of the sequences (steps), shape (N+1,), int64; only for reductions over
            sequences.
        tau_pos: Sharpness of the gate at positive advantages, above 0.
        tau_neg: At others; greater than tau_pos damps them sooner.
        aggregate: The reduction, see `aggregate`.
        width: A constant maximum length, for "seq_mean_token_sum_norm".

    Returns:
        The loss, and detached scalars: `clip_fraction`, the share of trained tokens at which the gate passes
        less than half of the gradient, and `kl`.

    Raises:
        ShapeError: The columns differ in length, or no token is trained.
        ArgumentError: A sharpness is not above 0.

    References:
        Gao et al. 2025, https://arxiv.org/abs/2511.20347. Deviation from the paper: the limit of +-20, as
        released.
    """
    if min(tau_pos, tau_neg) <= 0:
        raise ArgumentError(f"`tau_pos` is {tau_pos} and `tau_neg` {tau_neg}. Both must be above 0.")
    given = Surrogate.of(logprob, old_logprob, advantage, token_mask)
    tau = torch.where(given.gain > 0, given.new.new_tensor(tau_pos), given.new.new_tensor(tau_neg))
    gate = torch.sigmoid(tau * (given.ratio - 1.0))
    loss = -given.gain * (4.0 / tau) * gate
    passed = (4.0 * gate * (1.0 - gate)).detach()
    info = given.report(passed < 0.5)
    return _aggregate(loss, given.mask, token_offsets, mode=aggregate, width=width), info
