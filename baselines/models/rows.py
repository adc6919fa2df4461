"""Turns as rows of tokens, and what a language model makes of them: log-probabilities, hidden states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.agents.sampling import autocast, distinct
from agentgym.errors import ArgumentError
from agentgym.trajectory import Trajectory

__all__ = [
    "Hidden",
    "Row",
    "hidden_states",
    "packed",
    "rows_of",
    "token_logprobs",
    "token_logprobs_and_entropies",
]

IntArray = NDArray[np.int64]


class Row(NamedTuple):
    """One turn: the prompt and the response exactly as sampled, shapes (P,) and (T,)."""

    prompt: IntArray
    response: IntArray

    @property
    def length(self) -> int:
        """Number of tokens in all."""
        return len(self.prompt) + len(self.response)


def rows_of(trajectories: Iterable[Trajectory]) -> list[Row]:
    """Take the tokens of every turn, in the row order of `StepBatch.from_trajectories`.

    Raises:
        ArgumentError: A decision carries no tokens: it was not made by a language model.
    """
    rows = []
    for trajectory in trajectories:
        for step in trajectory.steps:
            prompt, response = step.decision.prompt_ids, step.decision.token_ids
            if prompt is None or response is None:
                raise ArgumentError(
                    f"Episode {trajectory.episode} has no tokens. Collect it with a language model."
                )
            rows.append(Row(prompt, response))
    return rows


def packed(rows: Sequence[Row], order: Sequence[int] | IntArray, micro_tokens: int) -> Iterator[list[int]]:
    """Cut an order of rows into pieces of at most `micro_tokens` padded tokens, or of one longer row."""
    piece: list[int] = []
    width = 0
    for index in order:
        width = max(width, rows[index].length)
        if piece and width * (len(piece) + 1) > micro_tokens:
            yield piece
            piece, width = [], rows[index].length
        piece.append(int(index))
    if piece:
        yield piece


def token_logprobs(model: Any, rows: Sequence[Row], *, temperature: float) -> torch.Tensor:
    """Log-probabilities of the response tokens of some rows, with gradient.

    The rows are padded on the left, as in sampling, so that responses end in the last column and only the
    columns of the longest response need logits. Equal rows, which a group often has, are computed once.

    Args:
        model: A causal language model.
        rows: R rows with T response tokens in all.
        temperature: Divides the logits, as in sampling.

    Returns:
        Shape (T,), float32, rows in order.
    """
    read = _read(model, rows)
    logprobs = _distributions(read, temperature)
    return read.of_rows(logprobs.gather(-1, read.responses[..., None]).squeeze(-1))


def token_logprobs_and_entropies(
    model: Any, rows: Sequence[Row], *, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probabilities as `token_logprobs`, and the entropy of each token's distribution in nats.

    Returns:
        Two tensors of shape (T,), float32, rows in order, both with gradient.
    """
    read = _read(model, rows)
    logprobs = _distributions(read, temperature)
    entropies = -(logprobs.exp() * logprobs.clamp_min(-1e4)).sum(-1)
    chosen = logprobs.gather(-1, read.responses[..., None]).squeeze(-1)
    return read.of_rows(chosen), read.of_rows(entropies)


class Hidden(NamedTuple):
    """Hidden states of the model's last layer, without gradient, float32.

    Attributes:
        token: State from which each response token is predicted, shape (T, H): the prompt and the tokens
            before it have been read.
        last: State after the whole response, shape (R, H).
    """

    token: torch.Tensor
    last: torch.Tensor


@torch.no_grad()
def hidden_states(model: Any, rows: Sequence[Row], *, micro_tokens: int) -> Hidden:
    """Read rows and return what the model's last layer holds, at most `micro_tokens` tokens at a time."""
    token, last = [], []
    for piece in packed(rows, range(len(rows)), micro_tokens):
        read = _read(model, [rows[i] for i in piece], logits_to_keep=1, output_hidden_states=True)
        states = read.out.hidden_states[-1].float()
        token.append(read.of_rows(states[:, -read.width - 1 : -1]))
        last.append(states[read.equal_to, -1])
    return Hidden(torch.cat(token), torch.cat(last))


class _Read(NamedTuple):
    """One forward pass over the distinct rows among R.

    Attributes:
        out: What the model returned.
        responses: Padded response tokens of the distinct rows, shape (B, width).
        equal_to: Which distinct row each of the R rows equals, shape (R,).
        real: Whether a column holds a token of the row, shape (R, width).
    """

    out: Any
    responses: torch.Tensor
    equal_to: torch.Tensor
    real: torch.Tensor

    @property
    def width(self) -> int:
        """Length of the longest response."""
        return self.responses.shape[1]

    def of_rows(self, values: torch.Tensor) -> torch.Tensor:
        """Take the response tokens of the R rows out of (B, width, ...): shape (T, ...)."""
        return values[self.equal_to][self.real]


def _read(model: Any, rows: Sequence[Row], **options: Any) -> _Read:
    first, equal_to = distinct([row.prompt.tobytes() + b"|" + row.response.tobytes() for row in rows])
    ids, mask = _padded([rows[i] for i in first], model.device)
    width = max(len(row.response) for row in rows)
    with autocast(model.device):
        out = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=(mask.cumsum(-1) - 1).clamp_min(0),
            use_cache=False,
            **{"logits_to_keep": width + 1, **options},
        )
    lengths = torch.tensor([len(row.response) for row in rows], device=model.device)
    real = torch.arange(width, device=model.device) >= (width - lengths)[:, None]
    return _Read(out, ids[:, -width:], torch.as_tensor(equal_to, device=model.device), real)


def _distributions(read: _Read, temperature: float) -> torch.Tensor:
    return torch.log_softmax(read.out.logits[:, -read.width - 1 : -1].float() / temperature, dim=-1)


def _padded(rows: Sequence[Row], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(row.length for row in rows)
    ids = np.zeros((len(rows), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, width - row.length :] = np.concatenate([row.prompt, row.response])
        mask[number, width - row.length :] = 1
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
