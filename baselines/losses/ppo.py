"""The clipped policy loss, with a second clip for negative advantages."""

from __future__ import annotations

from torch import Tensor

from baselines.losses.aggregate import Aggregate, aggregate
from baselines.losses.registry import register_loss
from baselines.losses.surrogate import Surrogate, check_bounds, clipped, dual_clipped
from baselines.losses.tensors import Column

__all__ = ["ppo"]

_aggregate = aggregate  # the keyword of `ppo` has the same name


@register_loss("ppo", paper="Proximal Policy Optimization Algorithms", arxiv="1707.06347")
def ppo(
    logprob: Column,
    old_logprob: Column,
    advantage: Column,
    token_mask: Column | None = None,
    token_offsets: Column | None = None,
    *,
    clip_low: float = 0.2,
    clip_high: float = 0.2,
    dual_clip: float | None = 3.0,
    aggregate: Aggregate = "token_mean",
    width: int | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Clipped surrogate loss of the policy.

    L = max(-A r, -A clip(r, 1 - clip_low, 1 + clip_high)), and min(L, -A dual_clip) where A < 0, with
    r = exp(clip(logprob - old_logprob, -20, 20)); then reduced over the trained tokens.

    Args:
        logprob: Log-probability of each token under the policy, shape (T,), differentiable.
        old_logprob: The same under the policy that sampled, shape (T,).
        advantage: Shape (T,).
        token_mask: Tokens that are trained, shape (T,), bool; None for all.
        token_offsets: Bounds of the sequences (steps), shape (N+1,), int64; only for reductions over
            sequences.
        clip_low: The ratio's lower bound is 1 - clip_low.
        clip_high: Its upper bound is 1 + clip_high.
        dual_clip: Most that a token of negative advantage counts, in multiples of the advantage; None for no
            cap.
        aggregate: The reduction, see `aggregate`.
        width: A constant maximum length, for "seq_mean_token_sum_norm".

    Returns:
        The loss, and detached scalars: `clip_fraction`, the share of trained tokens whose ratio was clipped
        by the first bounds, and `kl` = mean(old_logprob - logprob).

    Raises:
        ShapeError: The columns differ in length, or no token is trained.
        ArgumentError: A bound is negative, `dual_clip` is not above 1, or the reduction lacks what it needs.

    References:
        Schulman et al. 2017, eq. 7, https://arxiv.org/abs/1707.06347; the second clip: Ye et al. 2020,
        https://arxiv.org/abs/1912.09729. Deviation from the paper: the log-ratio is limited to +-20; no value
        or entropy term.
    """
    check_bounds(clip_low, clip_high, dual_clip)
    given = Surrogate.of(logprob, old_logprob, advantage, token_mask)
    ratio = given.ratio
    loss, decided = clipped(given.gain, ratio, ratio.clamp(1.0 - clip_low, 1.0 + clip_high))
    loss = dual_clipped(loss, given.gain, dual_clip)
    return _aggregate(loss, given.mask, token_offsets, mode=aggregate, width=width), given.report(decided)
