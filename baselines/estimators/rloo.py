"""RLOO: the score of an episode against the mean of the others in its group."""

from __future__ import annotations

from agentgym.batch import StepBatch
from baselines.estimators.primitives import Over, leave_one_out, scored_rows
from baselines.estimators.registry import Advantages, register

__all__ = ["rloo"]


@register(
    "rloo",
    paper="Back to Basics: Revisiting REINFORCE Style Optimization for Learning from Human Feedback in LLMs",
    arxiv="2402.14740",
    needs=("outcome",),
    level="episode",
    aliases={"loop": {"over": "episodes"}},
)
def rloo(batch: StepBatch, *, over: Over = "episodes") -> Advantages:
    """Score each step with its episode's outcome minus the mean of the group's other episodes.

    A_i = x_i - 1/(n-1) sum_{j != i} x_j = (x_i - mean_g x) * n / (n - 1); a group of one keeps x.

    Args:
        batch: N steps.
        over: The mean is over one outcome per episode (its first step's), or over every step.

    Returns:
        Advantages of shape (N,), mean 0 over the episodes of a group.

    References:
        Ahmadian et al. 2024, section 2.2, https://arxiv.org/abs/2402.14740. Deviation from the paper: a group
        of one, for which it is not defined, keeps its score (as released).
        Alias: loop (https://arxiv.org/abs/2502.01600), rloo over episodes; our reading, not checked against
        released code.
    """
    return Advantages(leave_one_out(batch.outcome, batch.group, scored_rows(batch, over)))
