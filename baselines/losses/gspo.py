"""GSPO: the ratio of a whole sequence is clipped, not that of a token."""

from __future__ import annotations

from torch import Tensor

from baselines.losses.aggregate import Aggregate, aggregate
from baselines.losses.registry import register_loss
from baselines.losses.surrogate import Surrogate, check_bounds, clipped
from baselines.losses.tensors import Column, needed_offsets

__all__ = ["gspo"]

_aggregate = aggregate  # the keyword has the same name


@register_loss("gspo", paper="Group Sequence Policy Optimization", arxiv="2507.18071")
def gspo(
    logprob: Column,
    old_logprob: Column,
    advantage: Column,
    token_mask: Column | None = None,
    token_offsets: Column | None = None,
    *,
    clip_low: float = 3e-4,
    clip_high: float = 4e-4,
    aggregate: Aggregate = "seq_mean_token_mean",
    width: int | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Clipped surrogate with the ratio of the sequence at each of its tokens.

    s = exp(min(mean_t(logprob - old_logprob), 10)) over a sequence's trained tokens;
    L = max(-A s, -A clip(s, 1 - clip_low, 1 + clip_high)). The gradient reaches every token with weight s.

    Args:
        logprob: Log-probability of each token under the policy, shape (T,), differentiable.
        old_logprob: The same under the policy that sampled, shape (T,).
        advantage: Shape (T,).
        token_mask: Tokens that are trained, shape (T,), bool; None for all.
        token_offsets: Bounds of the sequences (steps), shape (N+1,), int64.
        clip_low: The ratio's lower bound is 1 - clip_low.
        clip_high: Its upper bound is 1 + clip_high.
        aggregate: The reduction, see `aggregate`.
        width: A constant maximum length, for "seq_mean_token_sum_norm".

    Returns:
        The loss, and the detached scalars `clip_fraction` and `kl`.

    Raises:
        ShapeError: The columns differ in length, or no token is trained.
        ArgumentError: A bound is negative, or the offsets are absent.

    References:
        Zheng et al. 2025, GSPO-token, https://arxiv.org/abs/2507.18071. Deviation from the paper: the
        log-ratio of a sequence is at most 10, as released.
    """
    check_bounds(clip_low, clip_high)
    offsets = needed_offsets(token_offsets, "gspo")
    given = Surrogate.of(logprob, old_logprob, advantage, token_mask)
    ratio = given.sequence_ratio(offsets)
    loss, decided = clipped(given.gain, ratio, ratio.clamp(1.0 - clip_low, 1.0 + clip_high))
    return _aggregate(loss, given.mask, offsets, mode=aggregate, width=width), given.report(decided)
