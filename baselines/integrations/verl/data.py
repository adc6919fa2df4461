"""verl's `DataProto` as a `StepBatch` and back. Nothing here imports verl: two mappings are all it takes.

A row of a `DataProto` is a whole episode (verl's agent loops, whose tool answers have response mask 0) or one
turn (verl-agent); both may carry one entry a turn in `non_tensor_batch`, as a list.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray, IntArray, intern_labels
from agentgym.errors import MissingColumnError, ShapeError
from baselines.integrations.padded import PaddedBatch, TurnLayout, from_padded

__all__ = ["Tensors", "as_rows", "from_data_proto", "numbers", "to_data_proto"]

_TOKEN_NAMES: Final = {
    "old_log_probs": "old_logprob",
    "ref_log_prob": "ref_logprob",
    "entropys": "entropy",
    "values": "value_token",
    "responses": "token_id",
    "advantages": "advantage",
    **{
        name: name
        for name in (
            "logprob", "reward_token", "process_token", "token_role", "planning_token", "cut_token",
        )
    },
}  # fmt: skip
"""Tensors of verl, and of ours that it has no name for, by the columns that they become."""

_STEP_NAMES: Final = {
    "anchor_obs": "state",
    "is_action_valid": "valid",
    **{
        name: name
        for name in (
            "state", "action", "terminated", "truncated", "agent", "valid", "outcome", "task", "value",
            "bootstrap", "value_high", "value_term", "value_start", "process_reward", "rewards", "accuracy",
            "confidence", "logprob_truth", "truth_start", "stratum", "option", "subgoal", "bundle", "cluster",
            "tool_calls", "predicted_calls", "reference_calls",
        )
    },
}  # fmt: skip
"""Keys of `non_tensor_batch`, those of verl-agent first, by the columns that they become."""


class Tensors(NamedTuple):
    """The two mappings of a `DataProto`, before they are one: see `to_data_proto`.

    Attributes:
        batch: Arrays of shape (R, L): what `DataProto.batch` holds as tensors.
        non_tensor_batch: Object arrays with an entry a row.
        layout: Where the turns lie.
    """

    batch: dict[str, NDArray[Any]]
    non_tensor_batch: dict[str, NDArray[Any]]
    layout: TurnLayout


def numbers(tensor: Any) -> NDArray[Any]:
    """Take the values out of a torch tensor of any type and device, or of an array."""
    if not hasattr(tensor, "detach"):
        return np.asarray(tensor)
    tensor = tensor.detach().cpu()
    values: NDArray[Any] = (tensor.double() if tensor.is_floating_point() else tensor).numpy()
    return values


def from_data_proto(data: Any, *, reward: str = "token_level_rewards", dense: bool = False) -> PaddedBatch:
    """Make a batch of a `DataProto`, or of anything with its two mappings.

    Read are, of `data.batch`: `response_mask`, the rewards, `turn` (the number of each position's turn, where
    runs of the mask do not tell) and the token columns, by verl's names (`old_log_probs`, `ref_log_prob`,
    `entropys`, `values`, `responses`) or ours; of `data.non_tensor_batch`: `uid` (the group), `traj_uid` (the
    episode, where a row is a turn) and the step columns by our names, and `anchor_obs`, `is_action_valid`.

    Args:
        data: Has `batch` and `non_tensor_batch`.
        reward: The tensor that holds the rewards.
        dense: Whether token-level methods get these rewards token by token; else each turn's on its last
            token, unless there is a tensor `reward_token`.

    Raises:
        MissingColumnError: Mask, rewards or uid are absent.
        ShapeError: A tensor or entry has the wrong shape.
    """
    tensors, labels = data.batch, data.non_tensor_batch
    for name, where in {"response_mask": tensors, reward: tensors, "uid": labels}.items():
        if name not in where:
            raise MissingColumnError(
                f"The data has no {name!r}. Compute it before the advantages, as verl's trainer does."
            )
    mask = numbers(tensors["response_mask"])
    layout = TurnLayout.of(mask, numbers(tensors["turn"]) if "turn" in tensors else None)
    found = {ours: numbers(tensors[name]) for name, ours in _TOKEN_NAMES.items() if name in tensors}
    rewards = numbers(tensors[reward])
    if dense:
        found["reward_token"] = rewards
    return from_padded(
        layout,
        rewards,
        labels["uid"],
        episode=labels.get("traj_uid"),
        steps={ours: labels[name] for name, ours in _STEP_NAMES.items() if name in labels},
        tokens=found,
    )


def to_data_proto(batch: StepBatch, *, rows: Literal["episodes", "turns"] = "episodes") -> Tensors:
    """Write a batch as the mappings of a `DataProto`; `from_data_proto` reads them back.

    `DataProto.from_single_dict({name: torch.from_numpy(array) ...} | non_tensor_batch)` makes one of them.

    Args:
        batch: N steps, each with a token at least.
        rows: Whether a row is a whole episode, its turns one after another, or one turn.

    Raises:
        ShapeError: A step has no token: nothing in a tensor could stand for it.
    """
    lengths = np.diff(batch.token_offsets)
    if not lengths.all():
        raise ShapeError(f"Step {int(np.argmin(lengths))} has no token, so no tensor can hold it.")
    row = intern_labels(batch.episode) if rows == "episodes" else np.arange(len(batch))
    order = np.argsort(row, kind="stable")
    steps, row = batch.take(order), row[order]
    of_token = steps.token_row
    first = np.searchsorted(row, row)  # of each step's row
    column = np.arange(steps.tokens) - steps.token_offsets[first][of_token]

    def pad(values: NDArray[Any]) -> NDArray[Any]:
        padded = np.zeros((row[-1] + 1, column.max() + 1), values.dtype)
        padded[row[of_token], column] = values
        return padded

    ends = np.zeros(steps.tokens)
    ends[steps.token_offsets[1:] - 1] = steps.reward
    found = {name: getattr(steps, ours) for name, ours in _TOKEN_NAMES.items()}
    tensors = {
        "response_mask": pad(steps.trained.astype(np.int64)),
        "turn": pad((1 + np.arange(len(steps)) - first)[of_token]),
        "token_level_rewards": pad(ends),
        **{name: pad(values) for name, values in found.items() if values is not None},
    }
    labels = _labels(steps, np.split(np.arange(len(steps)), np.unique(row, return_index=True)[1][1:]))
    if rows == "turns":
        labels["traj_uid"] = _objects(steps.episode.tolist())
    return Tensors(tensors, labels, TurnLayout.of(tensors["response_mask"], tensors["turn"]))


def _labels(steps: StepBatch, of_row: list[IntArray]) -> dict[str, NDArray[Any]]:
    """Write the columns of steps as an entry for each row, given the steps of each row."""
    labels = {"uid": _objects([steps.group[some[0]] for some in of_row])}
    for ours in dict.fromkeys(_STEP_NAMES.values()):
        values = getattr(steps, ours)
        if values is not None:
            labels[ours] = _objects([list(values[some]) for some in of_row])
    return labels


def _objects(entries: list[Any]) -> NDArray[Any]:
    return np.fromiter(entries, dtype=object, count=len(entries))


def as_rows(values: FloatArray, like: Any) -> Any:
    """Write an array as a torch tensor of the type and device of another."""
    import torch

    return torch.as_tensor(values, dtype=like.dtype, device=like.device)
