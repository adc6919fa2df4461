"""VSRM: a step is worth what it changes in the chance of a right answer."""

from __future__ import annotations

from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from baselines.rewards.registry import register_rule
from baselines.rewards.spae import changes

__all__ = ["vsrm"]


def vsrm(accuracy: ArrayLike, episode: ArrayLike) -> FloatArray:
    """Reward each step with the change of the accuracy of continuations since the step before.

    Args:
        accuracy: Share of right answers among continuations after each step, shape (N,), in [0, 1].
        episode: Episode of each step, rows in time order, shape (N,), int64.

    Returns:
        Process rewards, shape (N,), 0 at an episode's first step.

    References:
        Yue et al. 2025, https://arxiv.org/abs/2508.10293. Our reading of the abstract. Deviation from the
        paper: unknown.
    """
    return changes(accuracy, episode)


@register_rule(
    "vsrm",
    paper="Promoting Efficient Reasoning with Verifiable Stepwise Reward",
    arxiv="2508.10293",
    needs=("accuracy",),
    writes=("process_reward",),
    reference=False,
)
def vsrm_rule(batch: StepBatch) -> StepBatch:
    """Write the process reward of each step, see `vsrm`."""
    return batch.with_columns(process_reward=vsrm(batch.column("accuracy", "vsrm"), batch.episode))
