"""Search-R2: a right answer is worth more with dense evidence."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from baselines.estimators.episodes import episode_total
from baselines.rewards.registry import register_rule

__all__ = ["search_r2"]


def search_r2(outcome: ArrayLike, density: ArrayLike, *, weight: float = 0.5) -> FloatArray:
    """Scale outcomes by the density of the evidence that was retrieved: outcome * (1 + weight * density).

    Args:
        outcome: Score of the answer, any shape.
        density: Share of what was retrieved that helps, same shape, in [0, 1].
        weight: Most that evidence adds; our choice.

    References:
        He et al. 2026, hybrid reward, https://arxiv.org/abs/2602.03647. Our reading of the abstract.
        Deviation from the paper: unknown.
    """
    return np.asarray(outcome, np.float64) * (1.0 + weight * np.asarray(density, np.float64))


@register_rule(
    "search_r2",
    paper="Search-R2: Enhancing Search-Integrated Reasoning via Actor-Refiner Collaboration",
    arxiv="2602.03647",
    needs=("outcome", "process_reward"),
    writes=("outcome",),
    reference=False,
)
def search_r2_rule(batch: StepBatch, *, weight: float = 0.5) -> StepBatch:
    """Scale the outcome by the mean `process_reward` of the episode's steps, see `search_r2`."""
    quality = episode_total(batch.column("process_reward", "search_r2"), batch)
    density = quality / episode_total(np.ones(len(batch)), batch)
    return batch.with_columns(outcome=search_r2(batch.outcome, density, weight=weight))
