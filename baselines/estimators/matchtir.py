"""MatchTIR: the advantage of the whole episode and that of the turn, half and half."""

from __future__ import annotations

from agentgym.batch import StepBatch
from baselines.estimators.grpo import grpo
from baselines.estimators.primitives import Norm, choice, codes, group_norm, return_to_go
from baselines.estimators.recursions import step_number
from baselines.estimators.registry import Advantages, register
from baselines.estimators.turns import Pool

__all__ = ["matchtir"]


@register(
    "matchtir",
    paper="MatchTIR: Fine-Grained Supervision for Tool-Integrated Reasoning via Bipartite Matching",
    arxiv="2601.10712",
    needs=("outcome",),
)
def matchtir(
    batch: StepBatch,
    *,
    gamma: float = 0.9,
    norm: Norm = "mean_std",
    turn_norm: Norm = "mean_std",
    weight: float = 0.5,
    pool: Pool = "turn_index",
    eps: float = 1e-6,
) -> Advantages:
    """Average an episode's advantage with that of the turn's discounted return among the group's turns.

    A(t) = weight * A_E + (1 - weight) * A_S(t). A_E is grpo's; A_S normalises s(t) = r(t) + gamma * s(t+1)
    over the group's steps of the same number. Turn rewards: the rule "match" of `baselines.rewards`.

    **Warning.** Normalising within (group, turn number) compares only the episodes that reached that turn.
    When the number of turns varies, and depends on success, the comparison set is selected and the baseline
    biased; the last turns often have one member, which keeps its return as it is. pool="group" does not
    select.

    Args:
        batch: N steps.
        gamma: Discount between turns.
        norm: Normalisation of the episode's term.
        turn_norm: Normalisation of the turn's term.
        weight: Weight of the episode's term.
        pool: Compare a turn with the group's turns of the same number ("turn_index") or with all ("group").
        eps: Added to the deviations.

    Returns:
        Advantages of shape (N,).

    References:
        MatchTIR, dual-level advantage estimation, https://arxiv.org/abs/2601.10712. Deviation from the
        paper: eps and groups of one, as released; gamma is fixed at 0.9 in the released code.
    """
    choice("pool", pool, Pool)
    returns = return_to_go(batch.reward, batch.episode, gamma)
    cell = batch.group if pool == "group" else codes(batch.group, step_number(batch.episode))
    turn = group_norm(returns, cell, turn_norm, eps=eps)
    return Advantages(weight * grpo(batch, norm=norm, eps=eps).step + (1.0 - weight) * turn)
