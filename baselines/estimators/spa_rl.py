"""SPA-RL: GAE on rewards that a progress estimator spreads over the steps."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from agentgym.batch import StepBatch
from baselines import rewards
from baselines.estimators.critic import CriticAdvantages
from baselines.estimators.primitives import choice
from baselines.estimators.registry import advantages, register

__all__ = ["spa_rl"]

Base: TypeAlias = Literal["gae_turn", "gae_token"]


@register(
    "spa_rl",
    paper="SPA-RL: Reinforcing LLM Agents via Stepwise Progress Attribution",
    arxiv="2505.20732",
    needs=("process_reward",),
    reference=False,
)
def spa_rl(
    batch: StepBatch, *, alpha: float = 1.0, beta: float = 0.5, base: Base = "gae_turn", **keywords: Any
) -> CriticAdvantages:
    """Estimate advantages of r(t) = alpha * c(t) + beta * [action executed] in place of the rewards.

    c is `process_reward`, the predicted contribution of the step to the final reward, and `valid` says
    whether the action was executed.

    Args:
        batch: N steps, with `value` (gae_turn) or `value_token` (gae_token).
        alpha: Weight of the contribution.
        beta: Weight of the execution signal.
        base: Estimator of the shaped rewards: over turns ("gae_turn") or over tokens ("gae_token").
        keywords: Those of the base.

    Returns:
        The result of the base. A column `reward_token` is left out.

    Raises:
        ArgumentError: The base is neither of the two.
        MissingColumnError: The base's value column is absent.

    References:
        Wang et al. 2025, https://arxiv.org/abs/2505.20732. Our reading, not checked against released code,
        whose rule is `baselines.rewards.spa(rule="released")`. Deviation from the paper: GAE over turns by
        default; the released trainer works on tokens (base="gae_token").
    """
    choice("base", base, Base)
    shaped = rewards.spa(batch.column("process_reward", "spa_rl"), batch.valid, alpha=alpha, beta=beta)
    result: CriticAdvantages = advantages(
        base, batch.with_columns(reward=shaped, reward_token=None), **keywords
    )
    return result
