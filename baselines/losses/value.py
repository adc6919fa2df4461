"""The clipped loss of a critic."""

from __future__ import annotations

import torch
from torch import Tensor

from agentgym.errors import ArgumentError
from baselines.losses.aggregate import aggregate
from baselines.losses.tensors import Column, as_mask, as_tokens

__all__ = ["value"]


def value(
    value_new: Column,
    value_token: Column,
    return_token: Column,
    token_mask: Column | None = None,
    *,
    clip: float | None = 0.5,
    scale: float = 1.0,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Squared error of the critic, with its change since sampling clipped.

    L = scale * mean of max((v - R)^2, (v_c - R)^2), v_c = v_old + clip(v - v_old, -clip, clip), over the
    trained tokens. Rows of steps may be passed in place of tokens.

    Args:
        value_new: Values v by the critic that is trained, shape (T,), differentiable.
        value_token: Values v_old when the batch was sampled, shape (T,).
        return_token: Returns R, shape (T,).
        token_mask: Tokens that count, shape (T,), bool; None for all.
        clip: Most that a value may move; None for no limit.
        scale: Factor of the loss (newer released code: 0.5).

    Returns:
        The loss, and the detached scalar `clip_fraction`: the share of tokens that the clip decides.

    Raises:
        ShapeError: The columns differ in length, or no token counts.
        ArgumentError: `clip` is negative.

    References:
        `compute_value_loss` of verl; the clip comes from the released code of Schulman et al. 2017,
        https://arxiv.org/abs/1707.06347, whose paper does not have it.
    """
    if clip is not None and clip < 0:
        raise ArgumentError(f"`clip` is {clip}. Expected 0 or more, or None for no limit.")
    new = as_tokens("value_new", value_new)
    old, target = as_tokens("value_token", value_token, new), as_tokens("return_token", return_token, new)
    mask = as_mask(token_mask, new)
    free = (new - target).square()
    bound = free if clip is None else (old + (new - old).clamp(-clip, clip) - target).square()
    info = {"clip_fraction": aggregate((bound > free).to(new), mask).detach()}
    return scale * aggregate(torch.maximum(free, bound), mask), info
