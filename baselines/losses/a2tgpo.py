"""A^2TGPO's loss: ratios of whole turns, and a clip range that follows the turn's information gain."""

from __future__ import annotations

import torch
from torch import Tensor

from baselines.losses.registry import register_loss
from baselines.losses.surrogate import Surrogate, check_bounds, clipped
from baselines.losses.tensors import Column, as_tokens, needed_offsets, token_sequence

__all__ = ["a2tgpo"]


@register_loss(
    "a2tgpo",
    paper="A^2TGPO: Agentic Turn-Group Policy Optimization with Adaptive Turn-level Clipping",
    arxiv="2605.06200",
)
def a2tgpo(
    logprob: Column,
    old_logprob: Column,
    advantage: Column,
    token_mask: Column | None = None,
    token_offsets: Column | None = None,
    clip_scale: Column | None = None,
    episode: Column | None = None,
    token_weight: Column | None = None,
    *,
    clip_low: float = 3e-3,
    clip_high: float = 4e-3,
    dynamic: bool = True,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Clipped surrogate with the ratio of the turn and a clip range scaled by turn.

    s = exp(min(mean_t(logprob - old_logprob), 10)) over a turn's trained tokens, its gradient straight
    through; L = max(-A s, -A clip(s, 1 - clip_low c, 1 + clip_high c)) with c the token's `clip_scale`; then
    the mean over episodes of their token means.

    Args:
        logprob: Log-probability of each token under the policy, shape (T,), differentiable.
        old_logprob: The same under the policy that sampled, shape (T,).
        advantage: Shape (T,).
        token_mask: Tokens that are trained, shape (T,), bool; None for all.
        token_offsets: Bounds of the turns (steps), shape (N+1,), int64.
        clip_scale: Factor c of each token's clip range, shape (T,); None: 1.
        episode: Episode of each turn, shape (N,), int64; None: each turn by itself.
        token_weight: How much each token counts, shape (T,), in place of the mean over episodes: for parts of
            a batch whose losses are added up.
        clip_low: The ratio's lower bound is 1 - clip_low c.
        clip_high: Its upper bound is 1 + clip_high c.
        dynamic: Whether `clip_scale` is used.

    Returns:
        The loss, and the detached scalars `clip_fraction` and `kl`.

    Raises:
        ShapeError: The columns differ in length, or no token is trained.
        ArgumentError: A bound is negative, or the offsets are absent.

    References:
        Chen et al. 2026, adaptive turn-level clipping, https://arxiv.org/abs/2605.06200. Deviation from the
        paper: none known. Deviation from released code: turns are the batch's steps, where it takes runs of
        equal advantages, so that neighbours with equal ones merge.
    """
    check_bounds(clip_low, clip_high)
    offsets = needed_offsets(token_offsets, "a2tgpo")
    given = Surrogate.of(logprob, old_logprob, advantage, token_mask)
    ratio = given.sequence_ratio(offsets)
    scaled = dynamic and clip_scale is not None
    scale = as_tokens("clip_scale", clip_scale, ratio) if scaled else torch.ones_like(ratio)  # type: ignore[arg-type]
    bound = torch.clamp(ratio, 1.0 - clip_low * scale, 1.0 + clip_high * scale)
    loss, decided = clipped(given.gain, ratio, bound)
    if token_weight is None:
        weight = _mean_of_means(given, token_sequence(offsets, ratio), episode)
    else:
        weight = as_tokens("token_weight", token_weight, ratio)
    return (torch.where(given.mask > 0, loss, 0.0) * weight).sum(), given.report(decided)


def _mean_of_means(given: Surrogate, turn: Tensor, episode: Column | None) -> Tensor:
    """Weight of each token in the mean over episodes of token means, shape (T,)."""
    if episode is not None:
        numbers = torch.as_tensor(episode, device=turn.device)
        turn = torch.unique(numbers, return_inverse=True)[1][turn]
    count = given.mask.new_zeros(int(turn.max()) + 1).index_add(0, turn, given.mask)
    return given.mask / (count.clamp(min=1.0)[turn] * (count > 0).sum())
