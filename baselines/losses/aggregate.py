"""From a value per token to one number."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import torch
from torch import Tensor

from agentgym.errors import ArgumentError
from baselines.losses.tensors import Column, as_mask, as_tokens, token_sequence

__all__ = ["Aggregate", "aggregate"]

Aggregate: TypeAlias = Literal[
    "token_mean", "seq_mean_token_mean", "seq_mean_token_sum", "seq_mean_token_sum_norm"
]


def aggregate(
    x: Column,
    token_mask: Column | None = None,
    token_offsets: Column | None = None,
    *,
    mode: Aggregate = "token_mean",
    width: int | None = None,
) -> Tensor:
    """Reduce token values to a scalar; a sequence is a step.

    token_mean: sum(x m) / sum m. seq_mean_token_mean: mean over sequences of sum(x m) / sum m, sequences
    without a trained token left out. seq_mean_token_sum: mean over sequences of sum(x m).
    seq_mean_token_sum_norm: sum(x m) / width.

    Args:
        x: Values, shape (T,).
        token_mask: Tokens that are trained, shape (T,), bool; None for all.
        token_offsets: Tokens of sequence i are `token_offsets[i]:token_offsets[i + 1]`, shape (N+1,), int64;
            read only by the two modes that average over sequences.
        mode: The reduction.
        width: A constant maximum length; read only by "seq_mean_token_sum_norm".

    Returns:
        A tensor without dimensions, differentiable in x.

    Raises:
        ArgumentError: The mode is unknown, or what it needs is missing.
        ShapeError: The lengths differ, or no token is trained.

    References:
        `agg_loss` of verl; seq_mean_token_sum_norm is Dr. GRPO's, https://arxiv.org/abs/2503.20783.
        Deviation: verl divides by the padded length of the batch, which changes from batch to batch, where
        ours takes `width`.
    """
    if mode not in get_args(Aggregate):
        known = ", ".join(map(repr, get_args(Aggregate)))
        raise ArgumentError(f"`aggregate` is {mode!r}. Expected one of {known}.")
    values = as_tokens("x", x)
    mask = as_mask(token_mask, values)
    kept: Tensor = torch.where(mask > 0, values, 0.0)
    if mode == "token_mean":
        return kept.sum() / mask.sum()
    if mode == "seq_mean_token_sum_norm":
        if width is None or width < 1:
            raise ArgumentError(f"`width` is {width}. {mode!r} needs a maximum length of 1 or more.")
        return kept.sum() / width
    sums = _sequence_sums(torch.stack([kept, mask]), token_offsets, mode)
    total, count = sums[0], sums[1]
    if mode == "seq_mean_token_sum":
        return total.mean()
    trained = count > 0
    return (total[trained] / count[trained]).mean()


def _sequence_sums(columns: Tensor, token_offsets: Column | None, mode: str) -> Tensor:
    """Sum columns (C, T) over each sequence: shape (C, N)."""
    if token_offsets is None:
        raise ArgumentError(f"`token_offsets` is absent. {mode!r} needs it to tell the sequences apart.")
    sequence = token_sequence(token_offsets, columns[0])
    sums = columns.new_zeros((columns.shape[0], len(token_offsets) - 1))
    return sums.index_add(1, sequence, columns)
