"""MA-RLHF: GAE over macro actions of a few tokens."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray
from agentgym.errors import ArgumentError
from baselines.estimators.critic import CriticAdvantages, token_rewards
from baselines.estimators.primitives import choice, token_mean
from baselines.estimators.recursions import following, segment_gae, step_number
from baselines.estimators.registry import register

__all__ = ["ma_rlhf"]

ValueMode: TypeAlias = Literal["equal", "position"]


@register(
    "ma_rlhf",
    paper="MA-RLHF: Reinforcement Learning from Human Feedback with Macro Actions",
    arxiv="2410.02743",
    needs=("value_token",),
    level="token",
)
def ma_rlhf(
    batch: StepBatch,
    *,
    gamma: float = 1.0,
    lam: float = 0.95,
    macro: int = 5,
    value_mode: ValueMode = "equal",
) -> CriticAdvantages:
    """Generalised advantage estimation with `macro` tokens as the time step, the last token alone.

    An episode's trained tokens but the last are cut into macro actions of `macro` tokens; the last token is
    one by itself. Value and reward of a macro action are the means over its tokens, weighted equally or by
    1 / rank within it; each token gets the advantage of its macro action. Rewards: see `token_rewards`.

    Args:
        batch: N steps with T response tokens.
        gamma: Discount between macro actions.
        lam: Trace.
        macro: Tokens of a macro action, at least 1.
        value_mode: "equal" or "position" (1 / rank).

    Returns:
        `token` of shape (T,), 0 at untrained tokens; `step` of shape (N,), its mean over a step's tokens;
        `returns` of shape (T,), the macro action's A + V. Nothing is whitened.

    Raises:
        ArgumentError: `macro` is below 1, or the choice is unknown.

    References:
        Chai et al. 2024, https://arxiv.org/abs/2410.02743. Deviation from the paper: the last token alone,
        as released.
    """
    choice("value_mode", value_mode, ValueMode)
    if macro < 1:
        raise ArgumentError(f"`macro` is {macro}. It must be at least 1.")
    part = np.flatnonzero(batch.trained)
    episode = batch.episode[batch.token_row[part]]
    number = step_number(episode)
    start, rank = _macro_starts(episode, number, macro)
    order = np.argsort(episode, kind="stable")
    action = np.empty(len(part), np.int64)
    action[order] = np.cumsum(start[order]) - 1
    weight = np.ones(len(part)) if value_mode == "equal" else 1.0 / (rank + 1.0)
    total = np.bincount(action, weight)

    def mean(x: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(action, weight * x[part]) / total)

    value, reward = mean(batch.column("value_token", "ma_rlhf")), mean(token_rewards(batch))
    owner = episode[order][start[order]]
    gained = segment_gae(reward, value, following(value, owner), 1.0, owner, gamma, lam)
    advantage, returns = np.zeros(batch.tokens), np.zeros(batch.tokens)
    advantage[part], returns[part] = gained[action], (gained + value)[action]
    return CriticAdvantages(token_mean(advantage, batch), advantage, returns)


def _macro_starts(episode: IntArray, number: IntArray, macro: int) -> tuple[BoolArray, IntArray]:
    """Whether a macro action starts at each token, and the token's rank in it from 0, both (M,)."""
    last = following(np.zeros(len(episode)), episode, 1.0) > 0
    rank = np.where(last, 0, number % macro)
    return rank == 0, rank
