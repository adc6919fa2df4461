"""Keys and values of many rows of tokens, in one block of memory a layer that is read and written in place.

A row belongs to a conversation and keeps what the model made of its tokens, from the first one on. A pass of
the model reads new tokens of some rows; where they stand, and what they may see, is said before it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import torch
from transformers import Cache

__all__ = ["RowCache", "Window"]

_LEAST: Final = 64
"""Least number of places of a row; it grows by doubling."""


class Window(NamedTuple):
    """What a pass reads and writes.

    Attributes:
        rows: Numbers of the rows that are read, shape (B,); None: the first B of them.
        places: Where in its row each new token's key and value go, shape (B, N).
        width: Number of places of a row that the pass looks at.
    """

    rows: torch.Tensor | None
    places: torch.Tensor
    width: int


class RowCache(Cache):  # type: ignore[misc]  # transformers has no types
    """A transformers cache whose rows live on from call to call.

    One place more than a row can hold takes what is padding.

    Args:
        static: Whether CUDA graphs may write into the blocks.
    """

    def __init__(self, *, static: bool = False) -> None:
        super().__init__(layers=[])
        self.keys: list[torch.Tensor] = []
        self.values: list[torch.Tensor] = []
        self.rows, self.places, self._static = 0, _LEAST, static
        self.window = Window(None, torch.zeros(0, 0), 0)

    def reserve(self, rows: int, places: int) -> None:
        """Make room for some rows with some places each; what is held stays."""
        while self.places < places:
            self.places *= 2
        self.rows = max(self.rows, rows)
        for blocks in (self.keys, self.values):
            for number, old in enumerate(blocks):
                if old.shape[0] < self.rows or old.shape[2] <= self.places:
                    blocks[number] = self._block(old)
                    blocks[number][: old.shape[0], :, : old.shape[2] - 1] = old[:, :, :-1]

    def copy(self, source: int, target: int, places: int) -> None:
        """Let a row begin with the first places of another one."""
        for block in (*self.keys, *self.values):
            block[target, :, :places] = block[source, :, :places]

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write keys and values of the new tokens of a layer; see `transformers.Cache.update`.

        Args:
            key_states: Shape (B, heads, N, width of a head).
            value_states: As the keys.
            layer_idx: Number of the layer.

        Returns:
            Keys and values of the window, shape (B, heads, W, width of a head) each.
        """
        if layer_idx == len(self.keys):
            self.keys.append(self._block(key_states))
            self.values.append(self._block(value_states))
        return (
            self._written(self.keys[layer_idx], key_states),
            self._written(self.values[layer_idx], value_states),
        )

    def _written(self, block: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        rows, places, width = self.window
        if rows is None:
            numbers = torch.arange(states.shape[0], device=block.device)
            block[numbers[:, None], :, places] = states.transpose(1, 2)
            return block[: states.shape[0], :, :width]
        block[rows[:, None], :, places] = states.transpose(1, 2)
        return block[:, :, :width].index_select(0, rows)

    def _block(self, like: torch.Tensor) -> torch.Tensor:
        block = like.new_zeros(self.rows, like.shape[1], self.places + 1, like.shape[3])
        if self._static:
            torch._dynamo.mark_static_address(block)
        return block

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Return 0: where tokens stand is said with every pass."""
        return 0
