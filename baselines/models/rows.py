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
from baselines.models.trunks import Trunk, lay_out

__all__ = [
    "Hidden",
    "Row",
    "hidden_states",
    "packed",
    "rows_of",
    "shares_prefixes",
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


def packed(
    rows: Sequence[Row], order: Sequence[int] | IntArray, micro_tokens: int, *, share: bool
) -> Iterator[list[int]]:
    """Cut an order of rows into pieces of at most `micro_tokens` padded tokens, or of one longer row.

    Args:
        rows: The rows.
        order: Numbers of the rows to be read.
        micro_tokens: Greatest number of tokens of a piece.
        share: Whether what neighbouring rows share counts once: `shares_prefixes` of the model that reads.
    """
    trunks: list[Trunk] = []
    width = 0
    for index in map(int, order):
        row = rows[index]
        grown = trunks[-1].grown(row) if trunks and share else None
        wider = max(width, row.length if grown is None else grown)
        if trunks and wider * (len(trunks) + (grown is None)) > micro_tokens:
            yield [member for trunk in trunks for member in trunk.members]
            trunks, grown, wider = [], None, row.length
        if grown is None:
            trunks.append(Trunk(index, row))
        else:
            trunks[-1].add(index, row)
        width = wider
    if trunks:
        yield [member for trunk in trunks for member in trunk.members]


def token_logprobs(model: Any, rows: Sequence[Row], *, temperature: float) -> torch.Tensor:
    """Log-probabilities of the response tokens of some rows, with gradient.

    Equal rows, which a group often has, are read once, and so is what neighbouring rows share: with the
    history in the prompt, that is nearly all of an episode.

    Args:
        model: A causal language model.
        rows: R rows with T response tokens in all.
        temperature: Divides the logits, as in sampling.

    Returns:
        Shape (T,), float32, rows in order.
    """
    read = _read(model, rows)
    return _chosen(_distributions(read, temperature), read)


def token_logprobs_and_entropies(
    model: Any, rows: Sequence[Row], *, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probabilities as `token_logprobs`, and the entropy of each token's distribution in nats.

    Returns:
        Two tensors of shape (T,), float32, rows in order, both with gradient.
    """
    read = _read(model, rows)
    logprobs = _distributions(read, temperature)
    return _chosen(logprobs, read), -(logprobs.exp() * logprobs.clamp_min(-1e4)).sum(-1)


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
    for piece in packed(rows, range(len(rows)), micro_tokens, share=shares_prefixes(model)):
        read = _read(model, [rows[i] for i in piece], hidden=True)
        token.append(read.at_tokens().float())
        last.append(read.at_ends().float())
    return Hidden(torch.cat(token), torch.cat(last))


class _Read(NamedTuple):
    """One forward pass over R rows with T response tokens in all.

    Attributes:
        states: What the model made of the last columns of the layout, shape (B, columns, ...).
        trunk: Where in the batch each row lies, shape (R,).
        before: Column of `states` from which the row's first response token is predicted, shape (R,).
        row: The row of each response token, shape (T,).
        place: Its place in the response, shape (T,).
        responses: The response tokens, shape (T,).
    """

    states: torch.Tensor
    trunk: torch.Tensor
    before: torch.Tensor
    row: torch.Tensor
    place: torch.Tensor
    responses: torch.Tensor

    def at_tokens(self) -> torch.Tensor:
        """What each response token is predicted from, shape (T, ...)."""
        return self.states[self.trunk[self.row], self.before[self.row] + self.place]

    def at_ends(self) -> torch.Tensor:
        """What stands after each whole response, shape (R, ...)."""
        return self.states[self.trunk, self.before + torch.bincount(self.row, minlength=len(self.trunk))]


def _read(model: Any, rows: Sequence[Row], *, hidden: bool = False) -> _Read:
    first, equal_to = distinct([row.prompt.tobytes() + b"|" + row.response.tobytes() for row in rows])
    layout = lay_out([rows[i] for i in first], share=shares_prefixes(model))
    skipped = 0 if hidden else int(layout.before.min())

    def here(array: NDArray[Any]) -> torch.Tensor:
        return torch.as_tensor(array, device=model.device)

    with autocast(model.device):
        out = model(
            input_ids=here(layout.ids),
            attention_mask=here(layout.mask),
            position_ids=here(layout.positions),
            use_cache=False,
            logits_to_keep=1 if hidden else layout.ids.shape[1] - skipped,
            output_hidden_states=hidden,
        )
    lengths = [len(row.response) for row in rows]
    return _Read(
        out.hidden_states[-1] if hidden else out.logits,
        here(layout.trunk[equal_to]),
        here(layout.before[equal_to] - skipped),
        here(np.repeat(np.arange(len(rows)), lengths)),
        here(np.concatenate([np.arange(length) for length in lengths])),
        here(np.concatenate([row.response for row in rows])),
    )


def shares_prefixes(model: Any) -> bool:
    """Whether the model's layers take a mask as it is: not with windows, recurrence or fused kernels."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    windowed = getattr(config, "sliding_window", None) and "layer_types" not in config.to_dict()
    return config._attn_implementation == "sdpa" and kinds == {"full_attention"} and not windowed


def _distributions(read: _Read, temperature: float) -> torch.Tensor:
    """Logarithms of the distributions of the response tokens, shape (T, vocabulary)."""
    return torch.log_softmax(read.at_tokens().float() / temperature, dim=-1)


def _chosen(logprobs: torch.Tensor, read: _Read) -> torch.Tensor:
    return logprobs.gather(-1, read.responses[:, None]).squeeze(-1)
