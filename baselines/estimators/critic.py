"""What estimators with a critic share: rewards on tokens, values after truncation, returns to train it on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray
from baselines.estimators.primitives import last_rows, on_last_tokens

__all__ = ["CriticAdvantages", "bootstrap_values", "step_ends", "token_rewards", "truncated_ends"]


class CriticAdvantages(NamedTuple):
    """Advantages and what the critic is trained on.

    Attributes:
        step: Advantage of each step, shape (N,), float64.
        token: Advantage of each token, shape (T,), 0 where not trained; None in step-level methods.
        returns: Advantage before whitening plus value: shape (T,), 0 where not trained, or shape (N,) in
            step-level methods.
    """

    step: FloatArray
    token: FloatArray | None
    returns: FloatArray


def step_ends(row: IntArray) -> BoolArray:
    """Mark the last token of each step among tokens given by their rows, shape (M,), ascending."""
    last: BoolArray = np.diff(row, append=-1) != 0
    return last


def token_rewards(batch: StepBatch) -> FloatArray:
    """Rewards on tokens, shape (T,): `reward_token`, else each step's reward, see `on_last_tokens`."""
    return on_last_tokens(batch.reward, batch) if batch.reward_token is None else batch.reward_token


def truncated_ends(batch: StepBatch) -> BoolArray:
    """Mark the last row of each episode that ran out of steps, shape (N,)."""
    return last_rows(batch.episode) & batch.truncated & ~batch.terminated


def bootstrap_values(batch: StepBatch) -> FloatArray:
    """Value after the last step of each truncated episode, 0 elsewhere or without the column, shape (N,)."""
    return (
        np.zeros(len(batch))
        if batch.bootstrap is None
        else np.where(truncated_ends(batch), batch.bootstrap, 0.0)
    )
