"""CAPO (curvature-aware): tokens that would change the policy most at second order are left out."""

from __future__ import annotations

import torch
from torch import Tensor

from agentgym.errors import ArgumentError
from baselines.losses.aggregate import Aggregate
from baselines.losses.ppo import ppo
from baselines.losses.registry import register_loss
from baselines.losses.surrogate import Surrogate
from baselines.losses.tensors import Column

__all__ = ["capo_curvature"]


@register_loss(
    "capo_curvature",
    paper="Stabilizing Policy Gradients for Sample-Efficient Reinforcement Learning in LLM Reasoning",
    arxiv="2510.00819",
    reference=False,
)
def capo_curvature(
    logprob: Column,
    old_logprob: Column,
    advantage: Column,
    token_mask: Column | None = None,
    token_offsets: Column | None = None,
    *,
    share: float = 0.08,
    clip_low: float = 0.2,
    clip_high: float = 0.2,
    dual_clip: float | None = 3.0,
    aggregate: Aggregate = "token_mean",
    width: int | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Ppo without the tokens whose update is predicted to change the policy most at second order.

    The prediction is h = (r A (1 - p))^2, the squared gradient of the token's surrogate with respect to its
    own logit, p its probability: a step along the gradient changes the policy's divergence by half of it
    times the curvature. The share of trained tokens with the greatest h is left out.

    Args:
        logprob: Log-probability of each token under the policy, shape (T,), differentiable.
        old_logprob: The same under the policy that sampled, shape (T,).
        advantage: Shape (T,).
        token_mask: Tokens that are trained, shape (T,), bool; None for all.
        token_offsets: Bounds of the sequences (steps), shape (N+1,), int64; only for reductions over
            sequences.
        share: Share of the tokens that is left out, in [0, 1).
        clip_low: See `ppo`.
        clip_high: See `ppo`.
        dual_clip: See `ppo`.
        aggregate: The reduction, see `aggregate`.
        width: A constant maximum length, for "seq_mean_token_sum_norm".

    Returns:
        The loss, and detached scalars: `clip_fraction`, `kl` and `left_out`, the share that was left out.

    Raises:
        ShapeError: The columns differ in length, or no token is trained.
        ArgumentError: `share` lies outside [0, 1), or a bound cannot be used.

    References:
        Melo et al. 2025, https://arxiv.org/abs/2510.00819, which rejects less than 8 % of the tokens. Our
        reading of the abstract: the paper's model of the curvature, of the last layer, is not this one.
        Deviation from the paper: unknown.
    """
    if not 0 <= share < 1:
        raise ArgumentError(f"`share` is {share}. It is a share of the tokens, in [0, 1).")
    given = Surrogate.of(logprob, old_logprob, advantage, token_mask)
    with torch.no_grad():
        probability = given.new.clamp(max=0.0).exp()
        change = torch.where(given.mask > 0, (given.ratio * given.gain * (1.0 - probability)).square(), -1.0)
        most = int(share * float(given.mask.sum()))
        kept = given.mask.clone()
        kept[torch.topk(change, most).indices] = 0.0
    loss, info = ppo(
        given.new,
        old_logprob,
        given.gain,
        kept,
        token_offsets,
        clip_low=clip_low,
        clip_high=clip_high,
        dual_clip=dual_clip,
        aggregate=aggregate,
        width=width,
    )
    return loss, {**info, "left_out": 1.0 - kept.sum() / given.mask.sum()}
