"""What a model made of the prompts it read last, so that longer prompts are read on from there.

With the history in the prompt, the prompt of a turn begins with that of the turn before. A transformer's keys
and values of that beginning are kept; only what is new passes through the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["PrefixMemory", "Start", "weights_version"]

IntArray = NDArray[np.int64]
_LARGEST: Final = 2**30
"""Bytes that a memory may hold; what would need more is not remembered."""

_Layers = list[tuple[torch.Tensor, torch.Tensor]]


class Start(NamedTuple):
    """How the reading of B prompts begins.

    Attributes:
        ids: What is not remembered of them, padded on the left, shape (B, N).
        mask: 0 at padding, shape (B, C + N), where C is the length of the longest remembered beginning.
        positions: Place of each new token in its prompt, shape (B, N).
        cache: A transformers cache that holds what is remembered; None where that is nothing.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    positions: torch.Tensor
    cache: Any


def weights_version(model: Any) -> int:
    """Return a number that grows whenever a weight is changed in place."""
    return sum(parameter._version for parameter in model.parameters())


class PrefixMemory:
    """Keys and values of the prompts of the last call. It forgets them when the model's weights change."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Layers] = {}
        self._version = -1

    def begin(self, model: Any, prompts: Sequence[IntArray], pad_id: int) -> Start:
        """Look up what is remembered of some prompts, and lay out the rest."""
        version = weights_version(model)
        if version != self._version:
            self._known, self._version = {}, version
        lengths = sorted({len(key) // 8 for key in self._known}, reverse=True)
        found = [self._longest(prompt, lengths) for prompt in prompts]
        counts = [0 if layers is None else layers[0][0].shape[1] for layers in found]
        rest = [prompt[count:] for prompt, count in zip(prompts, counts, strict=True)]
        ids, positions, real = _padded(rest, counts, pad_id)
        remembered = np.arange(max(counts)) >= max(counts) - np.asarray(counts)[:, None]
        mask = np.concatenate([remembered, real], axis=1).astype(np.int64)
        tensors = [torch.from_numpy(array).to(model.device) for array in (ids, mask, positions)]
        return Start(tensors[0], tensors[1], tensors[2], _cache(found, counts) if max(counts) else None)

    def keep(self, prompts: Sequence[IntArray], mask: torch.Tensor, cache: Any) -> None:
        """Remember the prompts that were read, and nothing else.

        Args:
            prompts: B prompts.
            mask: Of `begin`, shape (B, C + N).
            cache: The model's cache after it has read them.
        """
        self._known = {}
        layers = getattr(cache, "layers", [])
        if not layers or not all(type(layer).__name__ == "DynamicLayer" for layer in layers):
            return  # windows, recurrence: not every key and value of the prompt is there
        size = sum(layer.keys.nbytes + layer.values.nbytes for layer in layers)
        if size > _LARGEST:
            return
        for row, prompt in enumerate(prompts):
            seen = mask[row].bool()
            self._known[prompt.tobytes()] = [
                (layer.keys[row][:, seen], layer.values[row][:, seen]) for layer in layers
            ]

    def _longest(self, prompt: IntArray, lengths: Sequence[int]) -> _Layers | None:
        """The remembered prompt that is the longest true beginning of a prompt."""
        text = prompt.tobytes()
        for length in lengths:
            if length < len(prompt) and text[: 8 * length] in self._known:
                return self._known[text[: 8 * length]]
        return None


def _padded(
    rest: Sequence[IntArray], counts: Sequence[int], pad_id: int
) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:
    shape = (len(rest), max(map(len, rest)))
    ids, positions = np.full(shape, pad_id, np.int64), np.zeros(shape, np.int64)
    real = np.zeros(shape, np.bool_)
    for row, (new, count) in enumerate(zip(rest, counts, strict=True)):
        begin = shape[1] - len(new)
        ids[row, begin:], real[row, begin:] = new, True
        positions[row, begin:] = count + np.arange(len(new))
    return ids, positions, real


def _cache(found: Sequence[_Layers | None], counts: Sequence[int]) -> Any:
    """Stack what is remembered of the rows, padded on the left."""
    from transformers import DynamicCache

    known = next(layers for layers in found if layers is not None)
    cache, width = DynamicCache(), max(counts)
    for number, pair in enumerate(known):
        stacked = [part.new_zeros(len(found), part.shape[0], width, part.shape[2]) for part in pair]
        for row, layers in enumerate(found):
            for target, part in zip(stacked, layers[number] if layers is not None else (), strict=False):
                target[row, :, width - counts[row] :] = part
        cache.update(*stacked, number)
    return cache
