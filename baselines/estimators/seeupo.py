"""SeeUPO: centred outcomes, standardised over the batch and clamped."""

from __future__ import annotations

import numpy as np

from agentgym.batch import StepBatch
from agentgym.errors import ArgumentError
from baselines.estimators.primitives import Over, group_norm, group_stats, scored_rows
from baselines.estimators.registry import Advantages, register

__all__ = ["seeupo"]

_LEAST_STD = 1e-6


@register(
    "seeupo",
    paper="SeeUPO: Sequence-Level Agentic-RL with Convergence Guarantees",
    arxiv="2602.06554",
    needs=("outcome",),
    level="episode",
)
def seeupo(batch: StepBatch, *, over: Over = "steps", clip: float | None = 3.0) -> Advantages:
    """Centre each outcome in its group, standardise over the whole batch and clamp.

    d = x_i - mean_g x, a group of one keeping x; A = clip((d - mean d) / std d, -c, c), the standardisation
    left out where std d is at most 1e-6 or a single row counts. The turns of an episode are updated one after
    the other, the last first, and A is multiplied by the running ratio of `ratios.seeupo_ratio`.

    Args:
        batch: N steps.
        over: Both statistics are over every step, or over one outcome per episode (its first step's).
        clip: Largest magnitude, c; None for no bound.

    Returns:
        Advantages of shape (N,).

    Raises:
        ArgumentError: `clip` is not above 0, or `over` is unknown.

    References:
        Hu et al. 2026, https://arxiv.org/abs/2602.06554. Deviation from the paper: standardisation over the
        batch and clamp, as in the released code.
    """
    if clip is not None and clip <= 0:
        raise ArgumentError(f"`clip` is {clip}. It must be above 0. Pass clip=3.0, or None for no bound.")
    where = scored_rows(batch, over)
    lead = group_norm(batch.outcome, batch.group, "mean", where)
    whole = group_stats(lead, np.zeros(len(batch), np.int64), where)
    if whole.std[0] > _LEAST_STD:
        lead = (lead - whole.mean) / whole.std
    return Advantages(lead if clip is None else np.clip(lead, -clip, clip))
