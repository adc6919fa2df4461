"""EPO: a penalty on token entropies that leave the range of past epochs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError, ShapeError
from baselines.losses.tensors import Column, as_mask, as_tokens, token_sequence

__all__ = ["EpoHistory", "epo_penalty"]

Mode: TypeAlias = Literal["token", "seq"]


def epo_penalty(
    entropy: Column,
    token_offsets: Column,
    past_entropy: ArrayLike,
    step_index: ArrayLike,
    token_mask: Column | None = None,
    *,
    mode: Mode = "token",
    low: float = 0.8,
    high: float = 1.2,
    penalty: float = 0.1,
    soft: bool = False,
    max_steps: int | None = None,
) -> Tensor:
    """Penalise entropies outside a range around the mean of past epochs at the same step number.

    With h the past mean at the token's step number: 0 where low * h < H < high * h, else `penalty`; soft:
    `penalty` times the distance to the range. The loss is pg - c * (mean H - w * mean penalty), c = 0.001,
    w = 1 or `epo_weight`. The constant penalty has **no gradient**: it changes the loss that is reported, and
    not the update. That is what the released code does; `soft` is ours and pulls entropies into the range.

    Args:
        entropy: Entropy H of each token in nats, shape (T,); differentiable if `soft` is to train.
        token_offsets: Tokens of step i are `token_offsets[i]:token_offsets[i + 1]`, shape (N+1,), int64.
        past_entropy: Mean entropy of past epochs by step number, shape (S,); NaN, or a number beyond the
            end, means no history and no penalty. See `EpoHistory`.
        step_index: Number of each step in its episode from 0, shape (N,), int64.
        token_mask: Tokens that are trained, shape (T,), bool; None for all. The others get 0.
        mode: Each token by its own entropy ("token"), or all of a step by their mean ("seq").
        low: Lower end of the range, a share of h (released script: 0.5).
        high: Upper end of the range (released script: 1.5).
        penalty: Penalty outside the range.
        soft: Whether to penalise the distance.
        max_steps: Most steps of an episode; if given, nothing is penalised in a batch none of whose steps has
            a number of at least max_steps // 2 (released: 50).

    Returns:
        Penalty of each token, shape (T,).

    Raises:
        ShapeError: The columns do not fit, or no token is trained.
        ArgumentError: The mode is unknown, or a bound or the penalty is negative or they are swapped.

    References:
        Xu et al. 2025, entropy smoothing, https://arxiv.org/abs/2509.22576; formula and defaults are those
        of the released code. Deviation from released code: "seq" averages over trained tokens, where it
        counts padding too; a step number without history is not penalised, where it fails.
    """
    _check(mode, low, high, penalty)
    tokens = as_tokens("entropy", entropy)
    mask, sequence = as_mask(token_mask, tokens) > 0, token_sequence(token_offsets, tokens)
    index = np.asarray(step_index)
    if index.shape != (int(np.shape(token_offsets)[0]) - 1,):
        raise ShapeError(f"Column 'step_index' has shape {index.shape}. Expected one number for each step.")
    if max_steps is not None and not (index >= max_steps // 2).any():
        return torch.zeros_like(tokens)
    past = torch.as_tensor(_look_up(past_entropy, index)).to(tokens)[sequence]
    known, past = mask & ~past.isnan(), past.nan_to_num()
    kept = torch.where(mask, tokens, 0.0)
    level = kept if mode == "token" else _step_means(kept, mask, sequence, len(index))
    below, above = low * past - level, level - high * past
    outside = torch.maximum(below, above)
    size = outside.clamp(min=0.0) if soft else (outside >= 0).to(tokens)
    return penalty * torch.where(known, size, 0.0)


class EpoHistory:
    """Mean entropy of past epochs by step number: the memory of `epo_penalty`.

    Call `add` once at the end of each epoch; `mean` is what `epo_penalty` takes as `past_entropy`. An epoch
    counts once at each step number that it reached, however many tokens it had there.
    """

    def __init__(self) -> None:
        self._sums: FloatArray = np.zeros(0)
        self._epochs: FloatArray = np.zeros(0)

    @property
    def mean(self) -> FloatArray:
        """Mean over the epochs at each step number, shape (S,); NaN where none reached it."""
        return np.where(self._epochs > 0, self._sums / np.maximum(self._epochs, 1.0), np.nan)

    def add(
        self,
        entropy: Column,
        token_offsets: Column,
        step_index: ArrayLike,
        token_mask: Column | None = None,
    ) -> None:
        """Add an epoch: the mean entropy of its trained tokens at each step number.

        Args:
            entropy: Entropy of each token in nats, shape (T,).
            token_offsets: Bounds of the steps' tokens, shape (N+1,), int64.
            step_index: Number of each step in its episode from 0, shape (N,), int64.
            token_mask: Tokens that are trained, shape (T,), bool; None for all.

        Raises:
            ShapeError: The columns do not fit, or no token is trained.
        """
        tokens = as_tokens("entropy", entropy).detach()
        mask = as_mask(token_mask, tokens).cpu().numpy() > 0
        number = np.asarray(step_index)[token_sequence(token_offsets, tokens).cpu().numpy()][mask]
        count = np.bincount(number)
        sums = np.bincount(number, tokens.cpu().double().numpy()[mask])
        self._grow(len(count))
        self._sums[: len(count)] += sums / np.maximum(count, 1)
        self._epochs[: len(count)] += count > 0

    def state_dict(self) -> dict[str, Any]:
        """Return the memory as JSON values."""
        return {"sums": self._sums.tolist(), "epochs": self._epochs.tolist()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up a memory that `state_dict` returned."""
        self._sums = np.array(state["sums"], np.float64)
        self._epochs = np.array(state["epochs"], np.float64)

    def _grow(self, size: int) -> None:
        more = np.zeros(max(0, size - len(self._sums)))
        self._sums, self._epochs = np.append(self._sums, more), np.append(self._epochs, more)


def _check(mode: Mode, low: float, high: float, penalty: float) -> None:
    if mode not in get_args(Mode):
        raise ArgumentError(f"`mode` is {mode!r}. Expected one of {', '.join(map(repr, get_args(Mode)))}.")
    if not 0 <= low <= high or penalty < 0:
        raise ArgumentError(
            f"`low` is {low}, `high` {high} and `penalty` {penalty}. Expected 0 <= low <= high and a penalty "
            "of 0 or more."
        )


def _look_up(past_entropy: ArrayLike, index: ArrayLike) -> FloatArray:
    """Past entropy at each step number, NaN where there is none, shape (N,)."""
    past, number = np.append(np.asarray(past_entropy, np.float64), np.nan), np.asarray(index)
    return past[np.where((number >= 0) & (number < len(past)), number, len(past) - 1)]


def _step_means(kept: Tensor, mask: Tensor, sequence: Tensor, steps: int) -> Tensor:
    """Mean over the trained tokens of a token's step, shape (T,); `kept` is 0 at the others."""
    columns = torch.stack([kept, mask.to(kept)])
    sums = columns.new_zeros((2, steps)).index_add(1, sequence, columns)
    return sums[0][sequence] / sums[1].clamp(min=1.0)[sequence]
