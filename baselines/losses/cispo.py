"""CISPO: importance weights are clipped and every token keeps its gradient."""

from __future__ import annotations

from torch import Tensor

from baselines.losses.aggregate import Aggregate, aggregate
from baselines.losses.registry import register_loss
from baselines.losses.surrogate import Surrogate, check_bounds
from baselines.losses.tensors import Column

__all__ = ["cispo"]

_aggregate = aggregate  # the keyword has the same name


@register_loss(
    "cispo",
    paper="MiniMax-M1: Scaling Test-Time Compute Efficiently with Lightning Attention",
    arxiv="2506.13585",
    reference=False,
)
def cispo(
    logprob: Column,
    old_logprob: Column,
    advantage: Column,
    token_mask: Column | None = None,
    token_offsets: Column | None = None,
    *,
    clip_low: float = 1.0,
    clip_high: float = 4.0,
    aggregate: Aggregate = "token_mean",
    width: int | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """REINFORCE with a clipped importance weight that has no gradient.

    L = -stop(clip(r, 1 - clip_low, 1 + clip_high)) * A * logprob, r = exp(clip(logprob - old_logprob, +-20)).

    Args:
        logprob: Log-probability of each token under the policy, shape (T,), differentiable.
        old_logprob: The same under the policy that sampled, shape (T,).
        advantage: Shape (T,).
        token_mask: Tokens that are trained, shape (T,), bool; None for all.
        token_offsets: Bounds of the sequences (steps), shape (N+1,), int64; only for reductions over
            sequences.
        clip_low: The weight's lower bound is 1 - clip_low; 1 for none, as in the paper.
        clip_high: Its upper bound is 1 + clip_high.
        aggregate: The reduction, see `aggregate`.
        width: A constant maximum length, for "seq_mean_token_sum_norm".

    Returns:
        The loss, and detached scalars: `clip_fraction`, the share of trained tokens whose weight was
        clipped, and `kl` = mean(old_logprob - logprob). The loss's value says nothing about its size: only
        its gradient does.

    Raises:
        ShapeError: The columns differ in length, or no token is trained.
        ArgumentError: A bound is negative.

    References:
        MiniMax 2025, eq. 4 and 5, https://arxiv.org/abs/2506.13585. Our reading, not checked against released
        code. Deviation from the paper: the upper bound, which it does not give, is our choice.
    """
    check_bounds(clip_low, clip_high)
    given = Surrogate.of(logprob, old_logprob, advantage, token_mask)
    ratio = given.ratio.detach()
    weight = ratio.clamp(1.0 - clip_low, 1.0 + clip_high)
    loss = -weight * given.gain * given.new
    info = given.report(weight != ratio)
    return _aggregate(loss, given.mask, token_offsets, mode=aggregate, width=width), info
