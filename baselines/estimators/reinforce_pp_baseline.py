"""REINFORCE++-baseline: outcomes centred in their group, then standardised over tokens."""

from __future__ import annotations

from agentgym.batch import StepBatch
from baselines.estimators.primitives import Over, broadcast, group_norm, scored_rows, token_mean, whiten
from baselines.estimators.registry import Advantages, register

__all__ = ["reinforce_pp_baseline"]


@register(
    "reinforce_pp_baseline",
    paper="REINFORCE++: Stabilizing Critic-Free Policy Optimization with Global Normalization",
    arxiv="2501.03262",
    needs=("outcome", "token_offsets"),
    level="episode",
)
def reinforce_pp_baseline(batch: StepBatch, *, over: Over = "episodes") -> Advantages:
    """Centre each outcome in its group and standardise over all trained tokens of the batch.

    A = whiten(x_i - mean_g x), every trained token of a step carrying the step's difference, so that long
    responses weigh more; see `whiten`. A group of one keeps its score.

    Args:
        batch: N steps with T response tokens.
        over: The mean is over one outcome per episode (its first step's), or over every step.

    Returns:
        `token` of shape (T,), 0 at untrained tokens, and `step` of shape (N,), its mean over a step's tokens.

    Raises:
        ArgumentError: The batch has fewer than two trained tokens.

    References:
        Hu et al. 2025, the variant with a group mean as baseline, https://arxiv.org/abs/2501.03262. Deviation
        from the paper: the KL penalty is left to the loss; a group of one keeps its score (as released).
    """
    centred = group_norm(batch.outcome, batch.group, "mean", scored_rows(batch, over))
    token = whiten(broadcast(centred, batch), batch.token_mask)
    return Advantages(token_mean(token, batch), token)
