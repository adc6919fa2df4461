"""Drawing a token from logits, and seeing that a response has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.agents.settings import Sampling

__all__ = ["Endings", "draw"]


def draw(
    logits: torch.Tensor, uniforms: torch.Tensor, sampling: Sampling
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Draw a token for every row: the inverse of the cumulative distribution at one uniform number.

    Args:
        logits: Shape (B, V).
        uniforms: Numbers in [0, 1), shape (B,), float64.
        sampling: Temperature and what restricts the choice.

    Returns:
        Tokens, their log-probabilities, and the entropies of the distributions in nats, shape (B,) each; the
        last two before any restriction, float64.
    """
    temperature = sampling.temperature
    scaled = logits.double() / temperature if temperature > 0 else logits.double()
    logprobs = torch.log_softmax(scaled, dim=-1)
    probs = logprobs.exp()
    entropy = -(probs * logprobs.clamp_min(-1e4)).sum(-1)
    if temperature > 0:
        allowed = _restricted(probs, sampling) if sampling.restricted else probs
        cumulative = allowed.cumsum(-1)
        target = uniforms * cumulative[:, -1]  # rounding may leave the last sum below 1
        chosen = torch.searchsorted(cumulative, target[:, None], right=True).squeeze(-1)
        chosen = chosen.clamp_max(logits.shape[-1] - 1)
    else:
        chosen = logprobs.argmax(-1)
    return chosen, logprobs.gather(-1, chosen[:, None]).squeeze(-1), entropy


def _restricted(probs: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    """Set the probability of tokens to 0 that may not be drawn, shape (B, V)."""
    least = sampling.min_p * probs.amax(-1, keepdim=True)
    if 0 < sampling.top_k < probs.shape[-1]:
        least = torch.maximum(least, probs.topk(sampling.top_k).values[:, -1:])
    if sampling.top_p < 1:
        ordered = probs.sort(descending=True).values
        before = ordered.cumsum(-1) - ordered  # what comes before a token in the order
        last = (before < sampling.top_p).sum(-1, keepdim=True) - 1
        least = torch.maximum(least, ordered.gather(-1, last))
    return probs.where(probs >= least, 0.0)


class Endings:
    """Tells whether a response has ended: by an end token, a text to stop at, or too many repetitions.

    Args:
        tokenizer: Decodes what was sampled; only asked where there are texts to stop at.
        end_ids: A response ends with any of these.
        sampling: The texts, the repetitions and the greatest length.
    """

    def __init__(self, tokenizer: Any, end_ids: frozenset[int], sampling: Sampling) -> None:
        self._tokenizer, self._sampling = tokenizer, sampling
        self._ids = np.array(sorted(end_ids), dtype=np.int64)
        self._lasts = {text[-1] for text in sampling.stop}
        self._may_complete: dict[int, bool] = {}

    def ended(self, tokens: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which responses end with their last token.

        Args:
            tokens: What was sampled so far, shape (B, greatest number of tokens).
            counts: How many of them were sampled, at least 1, shape (B,).

        Returns:
            Shape (B,).
        """
        rows = np.arange(len(counts))
        last = tokens[rows, counts - 1]
        over = np.isin(last, self._ids) | (counts >= self._sampling.max_new_tokens)
        if self._sampling.repeats:
            over |= self._repeat(tokens, counts, last)
        if self._lasts:
            open_rows = (row for row in rows[~over] if self._is_candidate(int(last[row])))
            stopped = [row for row in open_rows if self._has_stop(tokens[row, : counts[row]])]
            over[stopped] = True
        return over

    def _repeat(
        self, tokens: NDArray[np.int64], counts: NDArray[np.int64], last: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        n = self._sampling.repeats
        back = counts[:, None] - 1 - np.arange(n)
        same = tokens[np.arange(len(counts))[:, None], back.clip(0)] == last[:, None]
        found: NDArray[np.bool_] = (counts >= n) & same.all(axis=1)
        return found

    def _is_candidate(self, token: int) -> bool:
        """Whether a token may complete a text; one that is part of a character may."""
        known = self._may_complete.get(token)
        if known is None:
            piece = self._tokenizer.decode([token])
            known = "\ufffd" in piece or not self._lasts.isdisjoint(piece)
            self._may_complete[token] = known
        return known

    def _has_stop(self, tokens: Sequence[int] | NDArray[np.int64]) -> bool:
        said = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return any(text in said for text in self._sampling.stop)
