"""PURE's min form: the worst step of an episode gets nearly all of the weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError
from baselines.estimators.labels import bounded
from baselines.rewards.registry import register_rule

__all__ = ["pure_min_form"]


def pure_min_form(
    process_reward: ArrayLike, episode: ArrayLike, *, temperature: float | None = 0.1
) -> FloatArray:
    """Weigh process rewards by a softmax that prefers the lowest: r = w p, w = softmax(-p / temperature).

    Their sum over an episode approaches its lowest process reward as the temperature falls.

    Args:
        process_reward: Scores p of the steps, shape (N,), float64.
        episode: Episode of each step, shape (N,), int64.
        temperature: Above 0; None for equal weights.

    Returns:
        Shape (N,), float64.

    Raises:
        ArgumentError: The temperature is not above 0.

    References:
        Cheng et al. 2025, https://arxiv.org/abs/2504.15275. Deviation from the paper: none known.
    """
    if temperature is not None and temperature <= 0:
        raise ArgumentError(f"`temperature` is {temperature}. It must be above 0, or None for equal weights.")
    score, label = np.asarray(process_reward, np.float64), bounded(episode)
    level = np.zeros_like(score) if temperature is None else -score / temperature
    highest = np.full(int(label.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(highest, label, level)
    weight = np.exp(level - highest[label])
    return np.asarray(weight / np.bincount(label, weight)[label] * score)


@register_rule(
    "pure_min_form",
    paper="Stop Summation: Min-Form Credit Assignment Is All Process Reward Model Needs for Reasoning",
    arxiv="2504.15275",
    needs=("process_reward",),
    writes=("process_reward",),
)
def pure_min_form_rule(batch: StepBatch, *, temperature: float | None = 0.1) -> StepBatch:
    """Write the weighed process rewards, see `pure_min_form`; for the estimator "pure"."""
    shaped = pure_min_form(
        batch.column("process_reward", "pure_min_form"), batch.episode, temperature=temperature
    )
    return batch.with_columns(process_reward=shaped)
