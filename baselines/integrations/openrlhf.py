"""OpenRLHF: an `Experience` as a `StepBatch`, and its advantages and returns filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agentgym.errors import ShapeError
from baselines.estimators import Estimator
from baselines.integrations.padded import PaddedBatch, TurnLayout, credit_tokens, from_padded
from baselines.integrations.verl.data import as_rows, numbers

__all__ = ["credit_experience", "from_experience"]

_TOKEN_NAMES = {
    "action_log_probs": "old_logprob",
    "base_action_log_probs": "ref_logprob",
    "values": "value_token",
}


def from_experience(experience: Any, group: Sequence[Any] | int) -> PaddedBatch:
    """Make a batch of an experience: `action_mask` (R, L), `rewards` (R,), and the token tensors it has.

    The reward of a row stands on its last turn. A turn is a run of the action mask.

    Args:
        experience: Has the attributes of OpenRLHF's `Experience`.
        group: A label for each row, or the number of samples of a prompt, which then follow each other.

    Raises:
        ShapeError: A tensor has the wrong shape, or the rows are no whole number of groups.
    """
    layout = TurnLayout.of(numbers(experience.action_mask))
    rows = len(layout.trained)
    if isinstance(group, int):
        if group < 1 or rows % group:
            raise ShapeError(f"{rows} rows are no whole number of groups of {group}.")
        group = [row // group for row in range(rows)]
    reward = np.zeros(layout.trained.shape)
    reward[:, -1] = numbers(experience.rewards)  # belongs to the last turn of its row
    found = {ours: getattr(experience, name, None) for name, ours in _TOKEN_NAMES.items()}
    tokens = {ours: numbers(tensor) for ours, tensor in found.items() if tensor is not None}
    return from_padded(layout, reward, group, tokens=tokens)


def credit_experience(experience: Any, estimator: Estimator, group: Sequence[Any] | int) -> None:
    """Fill in `advantages` and `returns`, (R, L) tensors; arguments as in `from_experience`.

    Raises:
        MissingColumnError: The method needs a column that an experience does not carry.
    """
    credit = credit_tokens(estimator, from_experience(experience, group))
    experience.advantages = as_rows(credit.advantage, experience.rewards)
    experience.returns = as_rows(credit.returns, experience.rewards)
