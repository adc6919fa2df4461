"""Stratified GRPO: episodes are compared with episodes of their own kind."""

from __future__ import annotations

from agentgym.batch import StepBatch
from baselines.estimators.primitives import codes, first_rows, group_norm
from baselines.estimators.registry import Advantages, register

__all__ = ["stratified_grpo"]


@register(
    "stratified_grpo",
    paper="Stratified GRPO: Handling Structural Heterogeneity in Reinforcement Learning of LLM Search Agents",
    arxiv="2510.06214",
    needs=("outcome", "stratum"),
    level="episode",
    reference=False,
)
def stratified_grpo(batch: StepBatch, *, alpha: float = 0.8, ddof: int = 1, eps: float = 1e-6) -> Advantages:
    """Blend the advantage within the episode's stratum with that within the whole group.

    A = alpha * z_s + (1 - alpha) * z_g, z_s normalised within (group, stratum) and z_g within the group, over
    one outcome per episode.

    **Warning.** A stratum that follows from what the policy did, as the number of searches does, is selected
    by it: a comparison within strata no longer says whether searching was right, and a stratum of one episode
    gets 0. alpha < 1 keeps a share of the whole comparison.

    Args:
        batch: N steps; `stratum` tells kinds of episodes apart, e.g. by their number of search calls.
        alpha: Weight of the comparison within the stratum.
        ddof: Degrees of freedom of the deviations.
        eps: Added to the deviations. Outcomes that are all equal, and a group or stratum of one, give 0.

    Returns:
        Advantages of shape (N,).

    References:
        Zhu et al. 2025, stratified and blended advantage, https://arxiv.org/abs/2510.06214. Our reading, not
        checked against released code. Deviation from the paper: alpha and ddof are our choices.
    """
    first = first_rows(batch.episode)
    cell = codes(batch.group, batch.column("stratum", "stratified_grpo"))
    own = group_norm(batch.outcome, cell, "mean_std", first, ddof=ddof, eps=eps, single="zero")
    whole = group_norm(batch.outcome, batch.group, "mean_std", first, ddof=ddof, eps=eps, single="zero")
    return Advantages(alpha * own + (1.0 - alpha) * whole)
