"""Sampling from a causal language model: one batch of prompts in, tokens with their log-probabilities out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.agents.drawing import Endings, draw
from agentgym.agents.prefixes import PrefixMemory
from agentgym.agents.settings import Sampling

__all__ = ["Responses", "Sample", "autocast", "distinct", "precision", "sample"]


class Sample(NamedTuple):
    """A response exactly as sampled.

    Attributes:
        token_ids: Shape (T,), int64; the end token is included when it was reached.
        logprobs: Log-probability of each token, shape (T,), float64; of which distribution, says `Sampling`.
        entropies: Entropy in nats of that distribution, shape (T,), float64.
    """

    token_ids: NDArray[np.int64]
    logprobs: NDArray[np.float64]
    entropies: NDArray[np.float64]


class Responses(NamedTuple):
    """Responses that grow, at most K tokens each.

    Attributes:
        tokens: Shape (B, K), int64.
        logprobs: Shape (B, K), float64.
        entropies: Shape (B, K), float64.
        counts: How many tokens each response has, shape (B,), int64.
    """

    tokens: NDArray[np.int64]
    logprobs: NDArray[np.float64]
    entropies: NDArray[np.float64]
    counts: NDArray[np.int64]

    @classmethod
    def of_shape(cls, shape: tuple[int, ...]) -> Responses:
        """Make room for B responses of K tokens, shape (B, K)."""
        return cls(np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape), np.zeros(shape[0], np.int64))

    def grown(self, rows: int) -> Responses:
        """Return the same with room for more responses."""
        whole = Responses.of_shape((rows, self.tokens.shape[1]))
        for new, old in zip(whole, self, strict=True):
            new[: len(old)] = old
        return whole

    def add(self, rows: NDArray[np.int64], drawn: NDArray[np.float64]) -> None:
        """Add a token to some responses.

        Args:
            rows: Numbers of the responses, shape (R,).
            drawn: Tokens, log-probabilities and entropies, shape (3, R).
        """
        for column, values in zip(self[:3], drawn, strict=True):
            column[rows, self.counts[rows]] = values
        self.counts[rows] += 1

    def sample(self, row: int) -> Sample:
        """Return a response, a copy."""
        n = self.counts[row]
        return Sample(
            self.tokens[row, :n].copy(), self.logprobs[row, :n].copy(), self.entropies[row, :n].copy()
        )


def autocast(device: torch.device) -> AbstractContextManager[Any]:
    """Compute in bfloat16 on CUDA and in float32 on the CPU, whatever the weights are kept in."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda")


def precision(model: Any) -> AbstractContextManager[Any]:
    """Compute as the weights are kept, but in bfloat16 where they are float32 on CUDA, as in training."""
    return autocast(model.device) if model.dtype == torch.float32 else nullcontext()


def distinct(keys: Sequence[bytes]) -> tuple[list[int], NDArray[np.int64]]:
    """Find equal keys.

    Returns:
        The places at which a key stands for the first time, K of them, and for each key which of the K it
        equals, shape (len(keys),).
    """
    numbers: dict[bytes, int] = {}
    equal_to = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
    return np.unique(equal_to, return_index=True)[1].tolist(), equal_to


@torch.inference_mode()
def sample(
    model: Any,
    prompts: Sequence[NDArray[np.int64]],
    uniforms: NDArray[np.float64],
    sampling: Sampling,
    endings: Endings,
    *,
    pad_id: int,
    memory: PrefixMemory | None = None,
) -> list[Sample]:
    """Sample a response for every prompt.

    A token is the inverse of the cumulative distribution at one uniform number, so that a response depends
    on its own numbers and not on its place in the batch. A response that has ended leaves the batch, and
    equal prompts, which members of a group often have, are read once.

    Args:
        model: A transformers causal language model in evaluation mode.
        prompts: Token ids, B arrays.
        uniforms: Numbers in [0, 1), shape (B, greatest number of new tokens).
        sampling: How tokens are drawn.
        endings: When a response ends.
        pad_id: Fills up short prompts on the left; never attended to.
        memory: What the model made of the prompts before; None remembers nothing.
    """
    device = model.device
    first, equal_to = distinct([prompt.tobytes() for prompt in prompts])
    read, memory = [prompts[i] for i in first], memory or PrefixMemory()
    ids, mask, positions, cache = memory.begin(model, read, pad_id)
    draws = torch.as_tensor(uniforms, device=device)
    said = Responses.of_shape(uniforms.shape)
    live = np.arange(len(prompts))  # the responses that have not ended
    place = torch.as_tensor(equal_to, device=device)  # their rows in the model's batch
    for k in range(uniforms.shape[1]):
        with precision(model):
            out = model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
        if k == 0:
            memory.keep(read, mask, out.past_key_values)
        chosen, logprob, entropy = draw(out.logits[place, -1], draws[live, k], sampling)
        said.add(live, torch.stack([chosen.double(), logprob, entropy]).cpu().numpy())
        going = (~endings.ended(said.tokens[live], said.counts[live])).nonzero()[0]
        if len(going) == 0:
            break
        kept = torch.as_tensor(going, device=device)
        cache, rows = out.past_key_values, place[kept]
        if len(rows) < len(ids) or k == 0:
            cache.batch_select_indices(rows)
        live, ids, place = live[going], chosen[kept, None], torch.arange(len(going), device=device)
        mask = torch.cat([mask[rows], torch.ones_like(ids)], dim=1)
        positions = positions[rows, -1:] + 1
    return [said.sample(row) for row in range(len(prompts))]
