"""DAPO's soft punishment of responses that grow too long."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError
from baselines.estimators.episodes import episode_length
from baselines.rewards.registry import register_rule

__all__ = ["dapo_overlong"]


def dapo_overlong(length: ArrayLike, *, limit: int, buffer: int) -> FloatArray:
    """Punish lengths near a limit: 0 up to limit - buffer, then falling to -1 at the limit and beyond.

    Args:
        length: Numbers of tokens, any shape.
        limit: Greatest length.
        buffer: Width of the fall, in [1, limit].

    Returns:
        In [-1, 0], of the shape of `length`, float64.

    Raises:
        ArgumentError: The buffer lies outside [1, limit].

    References:
        Yu et al. 2025, soft overlong punishment, eq. 13, https://arxiv.org/abs/2503.14476. Our reading, not
        checked against released code. Deviation from the paper: none known.
    """
    if not 1 <= buffer <= limit:
        raise ArgumentError(f"`buffer` is {buffer} and `limit` {limit}. Expected 1 <= buffer <= limit.")
    over = np.asarray(length, np.float64) - (limit - buffer)
    return -np.clip(over / buffer, 0.0, 1.0)


@register_rule(
    "dapo_overlong",
    paper="DAPO: An Open-Source LLM Reinforcement Learning System at Scale",
    arxiv="2503.14476",
    needs=("outcome", "token_offsets"),
    writes=("outcome",),
    reference=False,
)
def dapo_overlong_rule(batch: StepBatch, *, limit: int, buffer: int) -> StepBatch:
    """Add the punishment of the episode's length, over all its responses, to its outcome."""
    punishment = dapo_overlong(episode_length(batch), limit=limit, buffer=buffer)
    return batch.with_columns(outcome=batch.outcome + punishment)
