"""IGPO's turn rewards: how much likelier a turn made the right answer."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError
from baselines.estimators.labels import bounded, last_rows, previous_rows
from baselines.rewards.registry import register_rule

__all__ = ["information_gain"]

GainMode: TypeAlias = Literal["prob", "logprob"]


def information_gain(
    outcome: ArrayLike,
    logprob_truth: ArrayLike,
    truth_start: ArrayLike,
    episode: ArrayLike,
    *,
    ig_mode: GainMode = "prob",
) -> FloatArray:
    """Reward each turn but the last with its gain, and the last with the outcome.

    prob: p(k) - p(k-1) with p = exp(logprob_truth); logprob: the difference of the logarithms.

    Args:
        outcome: Score of the episode as seen at each step, shape (N,).
        logprob_truth: Mean log-probability of the reference answer's tokens after each step, shape (N,); NaN
            where it was not probed.
        truth_start: The same before the step, read at an episode's first step, shape (N,).
        episode: Episode of each step, rows in time order, shape (N,), int64.
        ig_mode: "prob" (the paper's) or "logprob" (of A^2TGPO's code).

    Returns:
        Rewards, shape (N,). An episode with a missing probe has gains of 0.

    Raises:
        ArgumentError: The mode is unknown.

    References:
        Wang et al. 2025, https://arxiv.org/abs/2510.14967. Deviation from the paper: missing probes, as
        released.
    """
    if ig_mode not in get_args(GainMode):
        raise ArgumentError(f"`ig_mode` is {ig_mode!r}. Expected one of 'prob', 'logprob'.")
    after, begin = np.asarray(logprob_truth, np.float64), np.asarray(truth_start, np.float64)
    labels = bounded(episode)
    last, previous = last_rows(labels), previous_rows(labels)
    before = np.where(previous >= 0, after[previous], begin)
    gain = np.exp(after) - np.exp(before) if ig_mode == "prob" else after - before
    missing = np.bincount(labels, ~np.isfinite(gain) & ~last)[labels] > 0
    return np.where(last, np.asarray(outcome, np.float64), np.where(missing, 0.0, gain))


@register_rule(
    "information_gain",
    paper="Information Gain-based Policy Optimization: A Simple and Effective Approach for Multi-Turn Search "
    "Agents",
    arxiv="2510.14967",
    needs=("outcome", "logprob_truth", "truth_start"),
)
def information_gain_rule(batch: StepBatch, *, ig_mode: GainMode = "prob") -> StepBatch:
    """Write the rewards of turns, see `information_gain`; for the estimators "igpo" and "a2tgpo"."""
    reward = information_gain(
        batch.outcome,
        batch.column("logprob_truth", "information_gain"),
        batch.column("truth_start", "information_gain"),
        batch.episode,
        ig_mode=ig_mode,
    )
    return batch.with_columns(reward=reward)
