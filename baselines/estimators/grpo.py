"""GRPO: the score of an episode against those of its group."""

from __future__ import annotations

from agentgym.batch import StepBatch
from baselines.estimators.primitives import Norm, Over, Single, group_norm, scored_rows
from baselines.estimators.registry import Advantages, register

__all__ = ["grpo"]


@register(
    "grpo",
    paper="DeepSeekMath: Pushing the Limits of Mathematical Reasoning in Open Language Models",
    arxiv="2402.03300",
    needs=("outcome",),
    level="episode",
    aliases={"dr_grpo": {"norm": "mean"}, "flow_grpo": {"over": "steps"}, "dapo": {}},
)
def grpo(
    batch: StepBatch,
    *,
    norm: Norm = "mean_std",
    over: Over = "episodes",
    ddof: int = 1,
    eps: float = 1e-6,
    single: Single = "raw",
) -> Advantages:
    """Score each step with its episode's outcome against the group.

    A_i = (x_i - mean_g x) / (std_g x + eps), x the outcome as credited at the step, g its group.

    Args:
        batch: N steps.
        norm: "mean_std", "mean" (no division) or "none".
        over: Statistics over one outcome per episode (its first step's), or over every step, so that long
            episodes weigh more (released: "steps").
        ddof: Degrees of freedom of the deviation.
        eps: Added to the deviation. A group whose outcomes are equal gets exactly 0.
        single: A group of one keeps its score ("raw") or gets 0 ("zero").

    Returns:
        Advantages of shape (N,), mean 0 over the episodes of a group.

    References:
        Shao et al. 2024, DeepSeekMath, section 4.1.2, https://arxiv.org/abs/2402.03300. Deviation from the
        paper: eps, and a group of one keeps its score (both as released).
        Aliases: dr_grpo (https://arxiv.org/abs/2503.20783) sets norm="mean", to be used with the loss
        aggregate "seq_mean_token_sum_norm"; flow_grpo (AgentFlow) sets over="steps"; dapo
        (https://arxiv.org/abs/2503.14476) is grpo, its dynamic filter and clip range lie elsewhere.
    """
    where = scored_rows(batch, over)
    return Advantages(group_norm(batch.outcome, batch.group, norm, where, ddof=ddof, eps=eps, single=single))
