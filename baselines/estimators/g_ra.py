"""G-RA: GRPO on gated returns."""

from __future__ import annotations

from typing import Any

from agentgym.batch import StepBatch
from baselines import rewards
from baselines.estimators.registry import Advantages, advantages, register

__all__ = ["g_ra"]


@register(
    "g_ra",
    paper="Stabilizing Long-term Multi-turn Reinforcement Learning with Gated Rewards",
    arxiv="2508.10548",
    needs=("outcome", "process_reward"),
    level="episode",
    reference=False,
)
def g_ra(batch: StepBatch, *, threshold: float = 1.0, **keywords: Any) -> Advantages:
    """Score each step with its episode's gated return against the group.

    The outcome becomes r_high + [r_high >= threshold] * sum_t r_low(t), with r_high the outcome and r_low the
    `process_reward`; then grpo.

    Args:
        batch: N steps.
        threshold: Least outcome with which step rewards count; our choice, see `baselines.rewards.g_ra`.
        keywords: Those of grpo.

    Returns:
        Advantages of shape (N,).

    References:
        Sun et al. 2025, gated reward accumulation, https://arxiv.org/abs/2508.10548. Our reading, not
        checked against released code. Deviation from the paper: the threshold, and grpo as the estimator,
        are our choices.
    """
    gated = rewards.g_ra(
        batch.outcome,
        batch.column("process_reward", "g_ra"),
        batch.episode,
        threshold=threshold,
    )
    result: Advantages = advantages("grpo", batch.with_columns(outcome=gated), **keywords)
    return result
