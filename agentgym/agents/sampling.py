"""Sampling from a causal language model: one batch of prompts in, tokens with their log-probabilities out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.agents.prefixes import PrefixMemory

__all__ = ["Sample", "autocast", "distinct", "sample"]


class Sample(NamedTuple):
    """A response exactly as sampled.

    Attributes:
        token_ids: Shape (T,), int64; the end token is included when it was reached.
        logprobs: Log-probability of each token under the sampling distribution, shape (T,), float64.
        entropies: Entropy in nats of that distribution, shape (T,), float64.
    """

    token_ids: NDArray[np.int64]
    logprobs: NDArray[np.float64]
    entropies: NDArray[np.float64]


def autocast(device: torch.device) -> AbstractContextManager[Any]:
    """Compute in bfloat16 on CUDA and in float32 on the CPU, whatever the weights are kept in."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda")


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
    *,
    temperature: float,
    end_ids: frozenset[int],
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
        temperature: Divides the logits; 0 takes the most likely token.
        end_ids: A response ends with any of these.
        pad_id: Fills up short prompts on the left; never attended to.
        memory: What the model made of the prompts before; None remembers nothing.
    """
    device = model.device
    first, equal_to = distinct([prompt.tobytes() for prompt in prompts])
    read, memory = [prompts[i] for i in first], memory or PrefixMemory()
    ids, mask, positions, cache = memory.begin(model, read, pad_id)
    draws = torch.as_tensor(uniforms, device=device)
    ends = torch.tensor(sorted(end_ids), device=device)
    live = torch.arange(len(prompts), device=device)  # the responses that have not ended
    place = torch.as_tensor(equal_to, device=device)  # their rows in the model's batch
    drawn = []
    for k in range(uniforms.shape[1]):
        with autocast(device):
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
        chosen, logprob, entropy = _draw(out.logits[place, -1].double(), draws[live, k], temperature)
        drawn.append((live, chosen, logprob, entropy))
        going = (~torch.isin(chosen, ends)).nonzero().squeeze(-1)
        if len(going) == 0:
            break
        cache, rows = out.past_key_values, place[going]
        if not torch.equal(rows, torch.arange(len(ids), device=device)):
            cache.batch_select_indices(rows)
        live, ids, place = live[going], chosen[going, None], torch.arange(len(going), device=device)
        mask = torch.cat([mask[rows], torch.ones_like(ids)], dim=1)
        positions = positions[rows, -1:] + 1
    return _gathered(drawn, len(prompts))


def _draw(
    logits: torch.Tensor, uniform: torch.Tensor, temperature: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    logprobs = torch.log_softmax(logits / temperature if temperature > 0 else logits, dim=-1)
    probs = logprobs.exp()
    entropy = -(probs * logprobs.clamp_min(-1e4)).sum(-1)
    if temperature > 0:
        cumulative = probs.cumsum(-1)
        target = uniform * cumulative[:, -1]  # rounding may leave the last sum below 1
        chosen = torch.searchsorted(cumulative, target[:, None], right=True).squeeze(-1)
        chosen = chosen.clamp_max(logits.shape[-1] - 1)
    else:
        chosen = logits.argmax(-1)
    return chosen, logprobs.gather(-1, chosen[:, None]).squeeze(-1), entropy


def _gathered(drawn: Sequence[tuple[torch.Tensor, ...]], rows: int) -> list[Sample]:
    """Sort what was drawn, token by token for the rows then alive, by rows."""
    row, token, logprob, entropy = (torch.cat(column).cpu().numpy() for column in zip(*drawn, strict=True))
    order = np.argsort(row, kind="stable")
    cuts = np.cumsum(np.bincount(row, minlength=rows))[:-1]
    columns = (np.split(values[order], cuts) for values in (token, logprob, entropy))
    return [Sample(*values) for values in zip(*columns, strict=True)]
