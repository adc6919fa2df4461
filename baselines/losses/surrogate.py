"""What the policy losses share: their columns as tensors, the clipped surrogate, ratios of sequences."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from agentgym.errors import ArgumentError
from baselines.losses.aggregate import aggregate
from baselines.losses.tensors import Column, as_mask, as_tokens, log_ratio, token_sequence

__all__ = ["Surrogate", "check_bounds", "clipped", "dual_clipped"]

_LARGEST = 10.0
"""Greatest mean log-ratio of a sequence."""


@dataclass(frozen=True, slots=True)
class Surrogate:
    """The columns of a policy loss as tensors of shape (T,).

    Attributes:
        new: Log-probability under the policy, differentiable.
        gain: Advantage.
        mask: 1 at trained tokens, 0 elsewhere.
        change: Log-ratio of the policies, 0 and without gradient at untrained tokens.
    """

    new: Tensor
    gain: Tensor
    mask: Tensor
    change: Tensor

    @classmethod
    def of(
        cls, logprob: Column, old_logprob: Column, advantage: Column, token_mask: Column | None
    ) -> Surrogate:
        """Take the columns in.

        Raises:
            ShapeError: They differ in length, or no token is trained.
        """
        new = as_tokens("logprob", logprob)
        old, gain = as_tokens("old_logprob", old_logprob, new), as_tokens("advantage", advantage, new)
        mask = as_mask(token_mask, new)
        return cls(new, gain, mask, log_ratio(new, old, mask))

    @property
    def ratio(self) -> Tensor:
        """Ratio of the policies at each token, its logarithm limited to +-20, shape (T,)."""
        return self.change.clamp(-20.0, 20.0).exp()

    def sequence_ratio(self, token_offsets: Column) -> Tensor:
        """Ratio of each token's whole sequence, exp(min(mean log-ratio of the sequence, 10)), shape (T,).

        Its gradient is straight through: a token has it as if the ratio were its own.
        """
        sequence = token_sequence(token_offsets, self.new)
        sums = self.new.new_zeros((2, len(token_offsets) - 1))
        sums = sums.index_add(1, sequence, torch.stack([self.change.detach(), self.mask]))
        mean = sums[0] / sums[1].clamp(min=1.0)
        own = torch.where(self.mask > 0, self.new - self.new.detach(), 0.0)
        return (mean[sequence] + own).clamp(max=_LARGEST).exp()

    @torch.no_grad()
    def report(self, decided: Tensor) -> dict[str, Tensor]:
        """`clip_fraction`, the mean of `decided` (T,), and `kl` = mean(old_logprob - logprob), detached."""
        return {
            "clip_fraction": aggregate(decided.to(self.mask), self.mask),
            "kl": aggregate(-self.change, self.mask),
        }


def clipped(gain: Tensor, ratio: Tensor, bounded: Tensor) -> tuple[Tensor, Tensor]:
    """Clipped surrogate max(-A r, -A r'), r' the bounded ratio, and where the bound decides, both (T,)."""
    free, bound = -gain * ratio, -gain * bounded
    return torch.maximum(free, bound), bound > free


def dual_clipped(loss: Tensor, gain: Tensor, dual_clip: float | None) -> Tensor:
    """Cap the loss of tokens of negative advantage at -A * dual_clip, shape (T,); None caps nothing."""
    if dual_clip is None:
        return loss
    return torch.where(gain < 0, torch.minimum(loss, -gain * dual_clip), loss)


def check_bounds(clip_low: float, clip_high: float, dual_clip: float | None = None) -> None:
    """Check the bounds of a ratio.

    Raises:
        ArgumentError: One is negative, or `dual_clip` is not above 1.
    """
    if min(clip_low, clip_high) < 0 or (dual_clip is not None and dual_clip <= 1):
        raise ArgumentError(
            f"The clips are low {clip_low}, high {clip_high} and dual {dual_clip}. Expected 0 or more for "
            "the first two, and above 1 or None for the last."
        )
