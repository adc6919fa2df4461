"""Likelihoods of given responses under a causal language model; a prompt is read once for all of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.agents.prefixes import PrefixMemory
from agentgym.agents.sampling import Sample, precision

__all__ = ["score"]

IntArray = NDArray[np.int64]
_MOST: Final = 1 << 18
"""Greatest number of tokens, prompts included, whose keys and values are held at once."""


@torch.inference_mode()
def score(
    model: Any,
    prompts: Sequence[IntArray],
    responses: Sequence[Sequence[IntArray]],
    *,
    pad_id: int,
    memory: PrefixMemory | None = None,
) -> list[list[Sample]]:
    """Compute how likely each response is after its prompt.

    Args:
        model: A transformers causal language model in evaluation mode.
        prompts: Token ids, B arrays.
        responses: For each prompt some responses, each of at least one token.
        pad_id: Fills up short rows; never attended to.
        memory: What the model made of the prompts before; None remembers nothing.

    Returns:
        For each prompt and response its tokens with their log-probabilities and entropies, at temperature 1.
    """
    memory = memory or PrefixMemory()
    ids, mask, positions, cache = memory.begin(model, prompts, pad_id)
    with precision(model):
        read = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
    memory.keep(prompts, mask, read.past_key_values)
    first = torch.log_softmax(read.logits[:, -1].double(), dim=-1)
    ends = positions[:, -1]
    found: list[list[Sample]] = [[] for _ in prompts]
    for places in _pieces(responses, mask.shape[1]):
        rows = torch.tensor([row for row, _ in places], device=model.device)
        texts = [responses[row][k] for row, k in places]
        rest = _after_first(model, read.past_key_values, rows, mask, ends, texts, pad_id)
        for (row, _), text, later in zip(places, texts, rest, strict=True):
            found[row].append(_sample(text, torch.cat([first[row][None], later])))
    return found


def _pieces(responses: Sequence[Sequence[IntArray]], width: int) -> Iterator[list[tuple[int, int]]]:
    """Cut all (prompt, response) pairs into pieces that fit in memory, in order."""
    piece: list[tuple[int, int]] = []
    size = 0
    for row, some in enumerate(responses):
        for k, text in enumerate(some):
            if piece and size + width + len(text) > _MOST:
                yield piece
                piece, size = [], 0
            piece.append((row, k))
            size += width + len(text)
    if piece:
        yield piece


def _after_first(
    model: Any,
    cache: Any,
    rows: torch.Tensor,
    mask: torch.Tensor,
    ends: torch.Tensor,
    texts: Sequence[IntArray],
    pad_id: int,
) -> list[torch.Tensor]:
    """Log-distributions of every token but the first of some responses, shape (T - 1, V) each."""
    width = max(map(len, texts)) - 1
    if width == 0:
        return [ends.new_zeros((0, model.config.vocab_size), dtype=torch.float64) for _ in texts]
    ids = np.full((len(texts), width), pad_id, np.int64)
    real = np.zeros((len(texts), width), np.int64)
    for k, text in enumerate(texts):
        ids[k, : len(text) - 1], real[k, : len(text) - 1] = text[:-1], 1
    here = torch.as_tensor(ids, device=model.device)
    with precision(model):
        logits = model(
            input_ids=here,
            attention_mask=torch.cat([mask[rows], torch.as_tensor(real, device=model.device)], dim=1),
            position_ids=ends[rows][:, None] + 1 + torch.arange(width, device=model.device),
            past_key_values=_selected(cache, rows),
            use_cache=True,
        ).logits
    return [torch.log_softmax(logits[k, : len(text) - 1].double(), dim=-1) for k, text in enumerate(texts)]


def _selected(cache: Any, rows: torch.Tensor) -> Any:
    """Copy rows of a cache."""
    chosen = copy(cache)
    chosen.layers = [copy(layer) for layer in cache.layers]
    chosen.batch_select_indices(rows)
    return chosen


def _sample(text: IntArray, logprobs: torch.Tensor) -> Sample:
    tokens = torch.as_tensor(text, device=logprobs.device)
    entropy = -(logprobs.exp() * logprobs.clamp_min(-1e4)).sum(-1)
    chosen = logprobs.gather(-1, tokens[:, None]).squeeze(-1)
    return Sample(text, chosen.cpu().numpy(), entropy.cpu().numpy())
