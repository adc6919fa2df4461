"""Token columns as tensors: what every loss takes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agentgym.errors import ArgumentError, ShapeError

__all__ = ["Column", "as_mask", "as_tokens", "log_ratio", "needed_offsets", "token_sequence"]

Column: TypeAlias = Tensor | NDArray[Any] | Sequence[float]
"""A token column: a tensor (keeps its type and device), or an array or list (becomes float64 on the CPU)."""


def as_tokens(name: str, column: Column, like: Tensor | None = None) -> Tensor:
    """Turn a column into a tensor of shape (T,).

    Args:
        name: The column, for the message.
        column: Its values.
        like: Tensor of the tokens' number, type and device; None for the first column.

    Raises:
        ShapeError: It is not one-dimensional, or has another length than `like`.
    """
    tensor = column if isinstance(column, Tensor) else torch.as_tensor(np.array(column, np.float64))
    if like is not None:
        tensor = tensor.to(like)
    if tensor.ndim != 1 or (like is not None and len(tensor) != len(like)):
        expected = "(T,)" if like is None else f"({len(like)},)"
        raise ShapeError(f"Token column {name!r} has shape {tuple(tensor.shape)}. Expected {expected}.")
    return tensor


def as_mask(token_mask: Column | None, like: Tensor) -> Tensor:
    """Turn a mask into weights 0 and 1 of the type of `like`, shape (T,); None trains all tokens.

    Raises:
        ShapeError: It has another length, or no token is trained.
    """
    mask = torch.ones_like(like) if token_mask is None else as_tokens("token_mask", token_mask, like)
    if not bool(mask.any()):
        raise ShapeError("Column 'token_mask' trains no token. Leave such a batch out.")
    return mask


def token_sequence(token_offsets: Column, like: Tensor) -> Tensor:
    """Number the sequence (step) of each token: shape (T,), int64, on the device of `like`.

    Raises:
        ShapeError: The offsets do not rise from 0 to the number of tokens.
    """
    on_cpu = token_offsets.detach().cpu().numpy() if isinstance(token_offsets, Tensor) else token_offsets
    offsets = np.asarray(on_cpu)
    lengths = np.diff(offsets) if offsets.ndim == 1 else np.zeros(0, np.int64)
    if not len(lengths) or (lengths < 0).any() or offsets[0] != 0 or lengths.sum() != len(like):
        raise ShapeError(f"Column 'token_offsets' must rise from 0 to {len(like)}, the number of tokens.")
    return torch.as_tensor(np.repeat(np.arange(len(lengths)), lengths), device=like.device)


def log_ratio(logprob: Tensor, old_logprob: Tensor, mask: Tensor) -> Tensor:
    """Log-ratio of the policies; 0, and without gradient, at untrained tokens, whatever these hold."""
    return torch.where(mask > 0, logprob - old_logprob, 0.0)


def needed_offsets(token_offsets: Column | None, who: str) -> Column:
    """Return the offsets.

    Raises:
        ArgumentError: They are absent.
    """
    if token_offsets is None:
        raise ArgumentError(f"`token_offsets` is absent. {who} needs it to tell the sequences apart.")
    return token_offsets
