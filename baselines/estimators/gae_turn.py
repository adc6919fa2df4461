"""GAE over the turns of an episode, with a value at each turn."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.critic import CriticAdvantages, bootstrap_values, truncated_ends
from baselines.estimators.primitives import choice, token_count
from baselines.estimators.primitives import whiten as standardise
from baselines.estimators.recursions import following, segment_gae
from baselines.estimators.registry import register

__all__ = ["WhitenSteps", "gae_turn"]

WhitenSteps: TypeAlias = Literal["steps", "none"]


@register(
    "gae_turn",
    paper="Turn-PPO: Turn-Level Advantage Estimation with PPO for Improved Multi-Turn RL in Agentic LLMs",
    arxiv="2512.17008",
    needs=("value",),
    aliases={"turn_ppo": {}},
)
def gae_turn(
    batch: StepBatch,
    *,
    gamma: float = 1.0,
    lam: float = 1.0,
    whiten: WhitenSteps = "steps",
    bootstrap: bool = False,
) -> CriticAdvantages:
    """Generalised advantage estimation with the turn as the time step.

    delta(t) = r(t) + gamma * V(t+1) - V(t); A(t) = delta(t) + gamma * lam * A(t+1). After a terminated step V
    and A are 0; after a truncated episode V is `bootstrap` if asked for, else 0.

    Args:
        batch: N steps; `value` is the critic's at the step's first token. A step without trained tokens has
            value and advantage 0 (unless no step of the batch has tokens: then all count).
        gamma: Discount between steps.
        lam: Trace.
        whiten: Standardise over the steps with tokens ("steps"), or not ("none").
        bootstrap: Read the column `bootstrap` where an episode was truncated.

    Returns:
        `step` of shape (N,); `returns` of shape (N,), A + V before whitening.

    Raises:
        ArgumentError: The choice is unknown, or fewer than two steps are to be whitened.
        MissingColumnError: `bootstrap` is asked for, an episode was truncated and the column is absent.

    References:
        Li et al. 2025, turn-level GAE, https://arxiv.org/abs/2512.17008; formula and defaults as in the
        turn-level baseline of HiPER's repository. Deviation from the paper: whitening, as released. With
        whiten="none", bootstrap=True, gamma=0.95, lam=0.95 it is the action-level GAE of POAD,
        https://arxiv.org/abs/2405.15821.
    """
    choice("whiten", whiten, WhitenSteps)
    written = token_count(batch) > 0
    if batch.tokens == 0:
        written[:] = True
    if bootstrap and truncated_ends(batch).any():
        batch.column("bootstrap", "gae_turn with bootstrap=True")
    value = np.where(written, batch.column("value", "gae_turn"), 0.0)
    after = bootstrap_values(batch) if bootstrap else 0.0
    beyond = following(value, batch.episode, after)
    advantage = segment_gae(batch.reward, value, beyond, ~batch.terminated, batch.episode, gamma, lam)
    step = standardise(advantage, written) if whiten == "steps" else np.where(written, advantage, 0.0)
    return CriticAdvantages(step, None, advantage + value)
