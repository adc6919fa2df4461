"""Turns as rows of tokens, and their log-probabilities under a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from agentgym.agents.sampling import autocast, distinct
from agentgym.errors import ArgumentError
from agentgym.trajectory import Trajectory

__all__ = ["Row", "packed", "rows_of", "token_logprobs"]

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
    first, equal_to = distinct([row.prompt.tobytes() + b"|" + row.response.tobytes() for row in rows])
    ids, mask = _padded([rows[i] for i in first], model.device)
    width = max(len(row.response) for row in rows)
    with autocast(model.device):
        out = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=(mask.cumsum(-1) - 1).clamp_min(0),
            logits_to_keep=width + 1,
            use_cache=False,
        )
    logprobs = torch.log_softmax(out.logits[:, -width - 1 : -1].float() / temperature, dim=-1)
    chosen = logprobs.gather(-1, ids[:, -width:, None]).squeeze(-1)[torch.as_tensor(equal_to)]
    lengths = torch.tensor([len(row.response) for row in rows], device=model.device)
    real = torch.arange(width, device=model.device) >= (width - lengths)[:, None]
    return chosen[real]


def _padded(rows: Sequence[Row], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(row.length for row in rows)
    ids = np.zeros((len(rows), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, width - row.length :] = np.concatenate([row.prompt, row.response])
        mask[number, width - row.length :] = 1
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
