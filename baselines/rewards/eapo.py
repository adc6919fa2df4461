"""EAPO: the final reward, discounted geometrically back to every round."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from baselines.estimators.labels import last_rows
from baselines.estimators.recursions import backward_scan
from baselines.rewards.registry import register_rule

__all__ = ["eapo"]


def eapo(reward: ArrayLike, episode: ArrayLike, *, gamma: float = 0.995) -> FloatArray:
    """Score each round with the episode's final reward, less the more rounds are to come.

    r(t) = gamma^(T - t) * R_T for t = 1..T: short episodes keep more of it.

    Args:
        reward: Shape (N,), float64; R_T is that of the episode's last step, earlier ones are not read.
        episode: Episode of each step, shape (N,), int64.
        gamma: Discount between rounds.

    Returns:
        Shape (N,), float64.

    References:
        IterResearch, https://arxiv.org/abs/2511.07327. Our reading, not checked against released code.
        Deviation from the paper: none known.
    """
    labels = np.asarray(episode)
    final = np.where(last_rows(labels), np.asarray(reward, np.float64), 0.0)
    return backward_scan(final, gamma, labels)


@register_rule(
    "eapo",
    paper="IterResearch: Rethinking Long-Horizon Agents via Markovian State Reconstruction",
    arxiv="2511.07327",
    needs=("outcome",),
    writes=("outcome",),
    reference=False,
)
def eapo_rule(batch: StepBatch, *, gamma: float = 0.995) -> StepBatch:
    """Credit each step with its discounted share of the outcome; for grpo with over="steps".

    See `eapo`, with the outcome as final reward.
    """
    return batch.with_columns(outcome=eapo(batch.outcome, batch.episode, gamma=gamma))
