"""Continuous batching: responses are sampled side by side, and each begins and ends in its own time.

Every conversation owns a row of a cache and keeps it from turn to turn. Of a prompt only what follows the
longest beginning that any row holds is read: its own former prompt and response, or those of another member
of its group. When a response ends, the others go on; the next prompt of its conversation joins them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.agents.drawing import Endings, draw
from agentgym.agents.keeping import RowKeeper
from agentgym.agents.prefixes import weights_version
from agentgym.agents.rows import RowCache, Window
from agentgym.agents.sampling import Responses, Sample, precision
from agentgym.agents.settings import Sampling
from agentgym.errors import ArgumentError

__all__ = ["RunningBatch", "obstacle"]

IntArray = NDArray[np.int64]
_WORTH_WAITING: Final = 16
"""Tokens that a prompt must share with one that is being read, to be read after it."""
_PATIENCE: Final = 8
"""Greatest number of passes that a prompt waits for others to be read with."""
_AREA: Final = 1 << 14
"""Greatest number of tokens, padding included, that are read at once."""


class _Asked(NamedTuple):
    ticket: int
    conversation: Hashable
    prompt: IntArray
    uniforms: NDArray[np.float64]


class RunningBatch:
    """Samples responses to prompts that come at any time.

    Args:
        model: A transformers causal language model in evaluation mode whose layers all have full attention.
        sampling: How tokens are drawn.
        endings: When a response ends.
        limit: Greatest number of responses at once.
        ahead: Whether `poll` starts the next pass before it returns what the last one ended, so that a GPU
            works while the caller does. None: on CUDA.
        compiled: Whether passes that sample are compiled (and become CUDA graphs there).

    Raises:
        ArgumentError: The model has layers without full attention, or an attention that takes no such mask.
    """

    def __init__(
        self,
        model: Any,
        sampling: Sampling,
        endings: Endings,
        *,
        limit: int,
        ahead: bool | None = None,
        compiled: bool = False,
    ) -> None:
        if (why := obstacle(model)) is not None:
            raise ArgumentError(f"{why}: it cannot be batched continuously. Pass batching='padded'.")
        self._model, self._sampling, self._endings = model, sampling, endings
        self._ahead = model.device.type == "cuda" if ahead is None else ahead
        self._compiled = _compiled(model) if compiled else None
        self._cache, self._version = RowCache(static=compiled), -1
        self._keeper = RowKeeper(limit, at_once=compiled)
        self._said = Responses.of_shape((0, sampling.max_new_tokens))  # the present ones, by row
        self._uniforms = np.zeros((0, sampling.max_new_tokens))
        self._tickets: dict[int, int] = {}  # of rows at work
        self._active: list[int] = []
        self._waiting: list[_Asked] = []
        self._waited = self._asked = 0
        self._flying: list[tuple[IntArray, torch.Tensor]] = []

    def __len__(self) -> int:
        """Return the number of responses that are asked for and not given."""
        return len(self._waiting) + len(self._tickets)

    @property
    def rows(self) -> int:
        """Number of rows that were made so far."""
        return len(self._keeper)

    def submit(self, conversation: Hashable, prompt: IntArray, uniforms: NDArray[np.float64]) -> int:
        """Ask for a response.

        Args:
            conversation: Whose turn it is; its former prompt and response are likely to begin this prompt.
            prompt: Token ids, shape (P,).
            uniforms: Numbers in [0, 1), one for each token that may be sampled.

        Returns:
            A ticket that `poll` returns with the response.
        """
        if not self:
            self._forget_old_weights()
        self._asked += 1
        self._waiting.append(_Asked(self._asked, conversation, prompt, uniforms))
        return self._asked

    def leave(self, conversation: Hashable) -> None:
        """Take back the row of a conversation that is over; what it holds stays useful until it is needed."""
        self._keeper.leave(conversation)

    @torch.inference_mode()
    def poll(self) -> list[tuple[int, Sample]]:
        """Sample a token of every response; return those that have ended, with their tickets."""
        if self._ahead:
            ended = self._settle()
            self._launch()
            return ended
        self._launch()
        return self._settle()

    def _forget_old_weights(self) -> None:
        version = weights_version(self._model)
        if version != self._version:
            self._keeper.lengths[:] = 0
            self._version = version

    def _launch(self) -> None:
        going = np.array(sorted(self._active), dtype=np.int64)
        new = self._admit() if self._is_time_to_read() else []
        for piece in _pieces(new):
            self._flying.append(self._pass([row for row, _ in piece], [rest for _, rest in piece]))
        if len(going):
            last = self._said.tokens[going, self._said.counts[going] - 1]
            self._flying.append(self._pass(going, list(last[:, None])))

    def _is_time_to_read(self) -> bool:
        """Whether prompts are to be read now; a pass over a few costs as much as one over many."""
        self._waited += 1
        enough = len(self._waiting) * _PATIENCE >= len(self._active) or self._waited >= _PATIENCE
        if self._waiting and enough:
            self._waited = 0
        return bool(self._waiting) and enough

    def _admit(self) -> list[tuple[int, IntArray]]:
        """Give rows to prompts that wait, and find what of them must be read.

        A prompt that shares much with one that is read now waits for it.
        """
        fresh: dict[int, int] = {}  # rows that are read now, and how much they will hold
        new, later = [], []
        for number, asked in enumerate(self._waiting):
            shared = self._keeper.shared(asked.prompt, fresh)
            ready = shared.copy()
            ready[list(fresh)] = 0
            ahead = shared.max(initial=0) > ready.max(initial=0) + _WORTH_WAITING
            if ahead:
                later.append(asked)
                continue
            row = self._keeper.take(asked.conversation)
            if row is None:  # all rows are at work
                later += self._waiting[number:]
                break
            new.append((row, self._begin(row, asked, ready)))
            fresh[row] = len(asked.prompt)
        self._waiting = later
        return new

    def _begin(self, row: int, asked: _Asked, ready: IntArray) -> IntArray:
        """Put a prompt into a row; return what of it the model has not read."""
        need = len(asked.prompt) + self._sampling.max_new_tokens
        self._cache.reserve(len(self._keeper), need)
        self._keeper.widen(self._cache.places)
        if len(self._uniforms) < len(self._keeper):
            self._said = self._said.grown(len(self._keeper))
            self._uniforms = np.pad(self._uniforms, ((0, len(self._keeper) - len(self._uniforms)), (0, 0)))
        own = int(ready[row]) if row < len(ready) else 0
        known = int(ready.max(initial=0))
        if known > own:
            self._cache.copy(int(ready.argmax()), row, known)
        self._keeper.tokens[row, : len(asked.prompt)] = asked.prompt
        self._keeper.lengths[row], self._said.counts[row] = known, 0
        self._uniforms[row], self._tickets[row] = asked.uniforms, asked.ticket
        return asked.prompt[known:]

    def _pass(
        self, rows: Sequence[int] | IntArray, news: Sequence[IntArray]
    ) -> tuple[IntArray, torch.Tensor]:
        """Read new tokens of some rows and draw the next ones.

        Returns:
            The rows, shape (B,), and for each of them the token drawn, its log-probability and the entropy of
            its distribution, shape (3, B), float64, on the model's device.
        """
        rows = np.asarray(rows, dtype=np.int64)
        longest = max(map(len, news))
        compiled = self._compiled if longest == 1 and self._cache.keys else None
        extent = len(self._keeper) if compiled is not None else int(rows.max()) + 1
        side_by_side = compiled is not None or (longest == 1 and 4 * len(rows) >= 3 * extent)
        at = rows if side_by_side else np.arange(len(rows))
        ids, positions, places = self._laid_out(
            extent if side_by_side else len(rows), at, rows, news, longest
        )
        width = _rounded(int(positions.max()) + 1, self._cache.places, doubling=compiled is not None)
        device = self._model.device
        here = [
            torch.from_numpy(array).to(device, non_blocking=True) for array in (ids, positions, places, rows)
        ]
        self._cache.window = Window(None if side_by_side else here[3], here[2], width)
        with precision(self._model):
            out = (self._model if compiled is None else compiled)(
                input_ids=here[0],
                attention_mask=_mask(self._model, here[1], width),
                position_ids=here[1],
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
            )
        logits = out.logits[here[3], -1] if side_by_side else out.logits[:, -1]
        uniforms = torch.from_numpy(self._uniforms[rows, self._said.counts[rows]]).to(
            device, non_blocking=True
        )
        token, logprob, entropy = draw(logits, uniforms, self._sampling)
        return rows, torch.stack([token.double(), logprob, entropy])

    def _laid_out(
        self, size: int, at: IntArray, rows: IntArray, news: Sequence[IntArray], longest: int
    ) -> tuple[IntArray, IntArray, IntArray]:
        """Write new tokens down, padded on the left; say where they stand, shape (size, longest) each."""
        ids, positions = np.zeros((size, longest), np.int64), np.zeros((size, longest), np.int64)
        places = np.full((size, longest), self._cache.places, np.int64)
        for line, row, new in zip(at, rows, news, strict=True):
            begin, end = self._keeper.lengths[row], self._keeper.lengths[row] + len(new)
            ids[line, longest - len(new) :] = new
            positions[line, longest - len(new) :] = places[line, longest - len(new) :] = np.arange(begin, end)
            self._keeper.tokens[row, begin:end] = new
            self._keeper.lengths[row] = end
        return ids, positions, places

    def _settle(self) -> list[tuple[int, Sample]]:
        """Wait for the passes under way, write down what they drew, and take out what has ended."""
        if not self._flying:
            return []
        rows = np.concatenate([rows for rows, _ in self._flying])
        drawn = torch.cat([found for _, found in self._flying], dim=1).cpu().numpy()
        self._flying = []
        self._said.add(rows, drawn)
        over = self._endings.ended(self._said.tokens[rows], self._said.counts[rows])
        self._active = rows[~over].tolist()
        for row in rows[over].tolist():
            self._keeper.rest(row)
        return [(self._tickets.pop(row), self._said.sample(row)) for row in rows[over].tolist()]


def obstacle(model: Any) -> str | None:
    """Say why a model cannot be batched continuously; None if it can."""
    kinds = set(getattr(model.config, "layer_types", None) or ["full_attention"])
    windows = getattr(model.config, "sliding_window", None) or getattr(model, "_is_stateful", False)
    if kinds != {"full_attention"} or windows:
        return "The model has layers without full attention"
    if model.config._attn_implementation not in ("sdpa", "eager"):
        return f"The model's attention is {model.config._attn_implementation!r}, not 'sdpa' or 'eager'"
    return None


def _compiled(model: Any) -> Any:
    graphs = "reduce-overhead" if model.device.type == "cuda" else "default"
    return torch.compile(model, dynamic=False, mode=graphs)


def _rounded(width: int, most: int, *, doubling: bool) -> int:
    """Round the width of a window up, so that few different shapes occur."""
    return min(most, 1 << max(6, (width - 1).bit_length()) if doubling else -(-width // 32) * 32)


def _mask(model: Any, positions: torch.Tensor, width: int) -> torch.Tensor:
    """Let each new token see its own place and all before it: 0 or a very low number, shape (B, 1, N, W).

    A mask of booleans would be turned into such numbers in every layer.
    """
    hidden = (torch.arange(width, device=positions.device) > positions[..., None])[:, None]
    lowest = torch.finfo(model.dtype).min
    return torch.zeros_like(hidden, dtype=model.dtype).masked_fill_(hidden, lowest)


def _pieces(new: list[tuple[int, IntArray]]) -> Iterator[list[tuple[int, IntArray]]]:
    """Cut prompts into pieces of similar length that are read at once."""
    piece: list[tuple[int, IntArray]] = []
    for row, rest in sorted(new, key=lambda one: len(one[1])):
        if piece and (len(rest) > 2 * len(piece[0][1]) + 16 or len(rest) * (len(piece) + 1) > _AREA):
            yield piece
            piece = []
        piece.append((row, rest))
    if piece:
        yield piece
