"""AEPO: uncertain tokens count more, and those that the clip stops at the top keep their gradient."""

from __future__ import annotations

import torch
from torch import Tensor

from agentgym.errors import ArgumentError
from baselines.losses.aggregate import Aggregate, aggregate
from baselines.losses.registry import register_loss
from baselines.losses.surrogate import Surrogate, check_bounds, clipped, dual_clipped
from baselines.losses.tensors import Column, as_tokens

__all__ = ["aepo"]

_aggregate = aggregate  # the keyword has the same name


@register_loss("aepo", paper="Agentic Entropy-Balanced Policy Optimization", arxiv="2510.14545")
def aepo(
    logprob: Column,
    old_logprob: Column,
    advantage: Column,
    token_mask: Column | None = None,
    token_offsets: Column | None = None,
    entropy: Column | None = None,
    *,
    clip_low: float = 0.2,
    clip_high: float = 0.28,
    dual_clip: float | None = 3.0,
    entropy_clip: bool = True,
    entropy_advantage: bool = True,
    advantage_coef: float = 0.2,
    aggregate: Aggregate = "token_mean",
    width: int | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Ppo whose upper bound lets the gradient through, with advantages scaled by the token's entropy.

    A <- A (1 + advantage_coef (H - mean H) / std H) over the batch's trained tokens, without gradient. The
    upper bound is (1 + clip_high) r / stop(r): its value is that of ppo, and a token that it stops has the
    gradient -(1 + clip_high) A.

    Args:
        logprob: Log-probability of each token under the policy, shape (T,), differentiable.
        old_logprob: The same under the policy that sampled, shape (T,).
        advantage: Shape (T,).
        token_mask: Tokens that are trained, shape (T,), bool; None for all.
        token_offsets: Bounds of the sequences (steps), shape (N+1,), int64; only for reductions over
            sequences.
        entropy: Entropy H of each token in nats, shape (T,); needed by `entropy_advantage`.
        clip_low: The ratio's lower bound is 1 - clip_low.
        clip_high: Its upper bound is 1 + clip_high.
        dual_clip: See `ppo`.
        entropy_clip: Whether the upper bound lets the gradient through.
        entropy_advantage: Whether advantages are scaled.
        advantage_coef: Strength of the scaling.
        aggregate: The reduction, see `aggregate`.
        width: A constant maximum length, for "seq_mean_token_sum_norm".

    Returns:
        The loss, and the detached scalars `clip_fraction` and `kl`.

    Raises:
        ShapeError: The columns differ in length, or no token is trained.
        ArgumentError: A bound cannot be used, or the entropy is needed and absent.

    References:
        Dong et al. 2025, entropy-balanced policy optimisation, https://arxiv.org/abs/2510.14545. Deviation
        from the paper: none known. Entropies that all agree scale nothing.
    """
    check_bounds(clip_low, clip_high, dual_clip)
    given = Surrogate.of(logprob, old_logprob, advantage, token_mask)
    gain, ratio = given.gain, given.ratio
    if entropy_advantage:
        if entropy is None:
            raise ArgumentError("`entropy` is absent. aepo needs it. Pass it, or entropy_advantage=False.")
        gain = gain * (1.0 + advantage_coef * _standardised(as_tokens("entropy", entropy, gain), given.mask))
    bound = ratio.clamp(1.0 - clip_low, 1.0 + clip_high)
    if entropy_clip:
        bound = torch.where(ratio > 1.0 + clip_high, (1.0 + clip_high) * ratio / ratio.detach(), bound)
    loss, decided = clipped(gain, ratio, bound)
    loss = dual_clipped(loss, gain, dual_clip)
    return _aggregate(loss, given.mask, token_offsets, mode=aggregate, width=width), given.report(decided)


@torch.no_grad()
def _standardised(entropy: Tensor, mask: Tensor) -> Tensor:
    trained = entropy[mask > 0]
    if len(trained) < 2 or bool(trained.max() - trained.min() <= 1e-9):
        return torch.zeros_like(entropy)
    return torch.where(mask > 0, (entropy - trained.mean()) / trained.std(), 0.0)
