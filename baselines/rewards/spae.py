"""SPAE: a potential of correctness and confidence, probed after every step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray
from baselines.estimators.labels import previous_rows
from baselines.rewards.registry import register_rule

__all__ = ["SATURATED", "Potential", "changes", "spae_potential"]

SATURATED = 0.9
"""Potential above which a step only repeats what is known."""


class Potential(NamedTuple):
    """What is known after each step.

    Attributes:
        step: Potential, shape (N,), float64.
        delta: Its change since the step before, 0 at the first, shape (N,).
        saturated: Whether the potential lies above 0.9, shape (N,), bool.
    """

    step: FloatArray
    delta: FloatArray
    saturated: BoolArray


def spae_potential(accuracy: ArrayLike, confidence: ArrayLike, episode: ArrayLike) -> Potential:
    """Join probed accuracy a and confidence c: phi = 1.5 a c + 0.5 a - c.

    phi is 1 where the right answer is certain, -1 where a wrong one is, and near 0 without an opinion.

    Args:
        accuracy: Shape (N,), in [0, 1].
        confidence: Shape (N,), in [0, 1].
        episode: Episode of each step, rows in time order, shape (N,), int64.

    References:
        Wu et al. 2026, step potential, https://arxiv.org/abs/2601.03823; restated from the released code.
        Deviation from the paper: none known.
    """
    a, c = np.asarray(accuracy, np.float64), np.asarray(confidence, np.float64)
    potential = 1.5 * a * c + 0.5 * a - c
    return Potential(potential, changes(potential, episode), potential > SATURATED)


def changes(x: ArrayLike, episode: ArrayLike) -> FloatArray:
    """Change of a step value since the step before, 0 at an episode's first step, shape (N,)."""
    values, previous = np.asarray(x, np.float64), previous_rows(episode)
    return np.where(previous >= 0, values - values[previous], 0.0)


@register_rule(
    "spae",
    paper="Step Potential Advantage Estimation: Harnessing Intermediate Confidence and Correctness for "
    "Efficient Mathematical Reasoning",
    arxiv="2601.03823",
    needs=("accuracy", "confidence"),
    writes=("process_reward",),
    reference=False,
)
def spae(batch: StepBatch) -> StepBatch:
    """Make the change of the potential the process reward of each step.

    How the potential enters the paper's advantage is not known to us: this is our choice, for methods that
    read `process_reward`.
    """
    accuracy, confidence = batch.column("accuracy", "spae"), batch.column("confidence", "spae")
    return batch.with_columns(process_reward=spae_potential(accuracy, confidence, batch.episode).delta)
