"""GiGPO: groups of episodes, and groups of steps that start in the same state."""

from __future__ import annotations

from agentgym.batch import StepBatch
from baselines.estimators.grpo import grpo
from baselines.estimators.primitives import (
    Norm,
    Over,
    Single,
    cluster_states,
    codes,
    group_norm,
    return_to_go,
)
from baselines.estimators.registry import Advantages, register

__all__ = ["gigpo"]


@register(
    "gigpo",
    paper="Group-in-Group Policy Optimization for LLM Agent Training",
    arxiv="2505.10978",
    needs=("state", "outcome"),
)
def gigpo(
    batch: StepBatch,
    *,
    gamma: float = 0.95,
    step_weight: float = 1.0,
    norm: Norm = "mean_std",
    over: Over = "episodes",
    ddof: int = 1,
    eps: float = 1e-6,
    similarity: float | None = None,
    single: Single = "raw",
) -> Advantages:
    """Add to the episode's advantage that of the step among the group's steps that start in the same state.

    A(t) = A_E + step_weight * A_S(t). A_E is grpo's; A_S(t) normalises the return-to-go
    s(t) = r(t) + gamma * s(t+1) over the steps of the group with the same state, and is 0 for a state met
    once.

    Args:
        batch: N steps.
        gamma: Discount between steps.
        step_weight: Weight of the step's term (omega).
        norm: "mean_std", or "mean" (the paper's F_norm = 1), for both terms.
        over: Episode statistics over one outcome per episode, or over every step (released: "steps").
        ddof: Degrees of freedom of the deviations.
        eps: Added to the deviations. Values that are all equal give exactly 0.
        similarity: None compares states exactly; a number in (0, 1) groups texts of at least this
            `difflib` ratio, see `cluster_states`.
        single: A group of one episode keeps its score ("raw") or gets 0 ("zero").

    Returns:
        Advantages of shape (N,).

    References:
        Feng et al. 2025, episode and step relative advantages, https://arxiv.org/abs/2505.10978. Deviation
        from the paper: eps.
    """
    episode = grpo(batch, norm=norm, over=over, ddof=ddof, eps=eps, single=single).step
    returns = return_to_go(batch.reward, batch.episode, gamma)
    same = (
        codes(batch.group, batch.state)
        if similarity is None
        else cluster_states(batch.state, batch.group, similarity)
    )
    step = group_norm(returns, same, norm, ddof=ddof, eps=eps, single="zero")
    return Advantages(episode + step_weight * step)
