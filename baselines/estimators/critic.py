"""What estimators with a critic share: rewards on tokens, values after truncation, returns to train it on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray
from baselines.estimators.primitives import last_rows, last_tokens

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
    """Rewards on tokens, shape (T,): `reward_token`, else each step's reward on its last trained token.

    A step without trained tokens gives its reward to the last trained token before it in the episode, so that
    no reward is lost; only where none was written before is there nobody to credit.
    """
    if batch.reward_token is not None:
        return batch.reward_token
    final, row = last_tokens(batch)
    carrier = np.full(len(batch), -1, np.int64)
    carrier[row] = final
    order = np.argsort(batch.episode, kind="stable")
    latest = np.maximum.accumulate(np.where(carrier[order] >= 0, np.arange(len(order)), -1))
    known = (latest >= 0) & (batch.episode[order[latest]] == batch.episode[order])
    sums = np.bincount(carrier[order[latest[known]]], batch.reward[order[known]], batch.tokens)
    return sums.astype(np.float64)


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
