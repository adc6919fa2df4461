"""A^2TGPO: information gains normalised turn by turn, summed at a constant scale, and clip ranges by turn."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray, IntArray
from baselines.estimators.primitives import Norm, backward_scan, choice, codes, last_rows
from baselines.estimators.recursions import step_number
from baselines.estimators.registry import register
from baselines.estimators.turns import Boundary, Pool, credited_turns, soft_norm

__all__ = ["A2tgpoAdvantages", "a2tgpo"]

Variant: TypeAlias = Literal["v1d", "turn_group"]
_LEAST_STD = 1e-6


class A2tgpoAdvantages(NamedTuple):
    """Advantages, and how far the policy may move at each step.

    Attributes:
        step: Advantage of each step, shape (N,), float64.
        token: None: every token has its step's.
        clip_scale: Factor of the clip range of the step's tokens, shape (N,); the loss "a2tgpo" reads it.
    """

    step: FloatArray
    token: FloatArray | None
    clip_scale: FloatArray


@register(
    "a2tgpo",
    paper="A^2TGPO: Agentic Turn-Group Policy Optimization with Adaptive Turn-level Clipping",
    arxiv="2605.06200",
)
def a2tgpo(
    batch: StepBatch,
    *,
    gamma: float = 1.0,
    alpha: float = 0.3,
    variant: Variant = "v1d",
    norm: Norm = "mean_std",
    pool: Pool = "turn_index",
    boundary: Boundary = "steps",
    outcome_weight: float = 1.5,
    clip_amplitude: float = 0.3,
    eps: float = 1e-6,
) -> A2tgpoAdvantages:
    """Add to the normalised outcome the gains of this and later turns, each normalised among its own number.

    `reward` is as in igpo. z_o normalises outcomes in the group, z(k) the gains of the k-th turns of the
    group. v1d: A(k) = alpha * sum_{j>=k} gamma^(j-k) z(j) / sqrt(n - k) + z_o for the n gains of an episode;
    its last turn gets z_o. clip_scale(k) = 1 + clip_amplitude * (2 sigmoid(z(k)) - 1), last turn 1.
    turn_group: gains are scaled by std(outcomes) / max(std(gains), 1e-6) over the batch and accumulated
    backwards from the outcome; the sums are normalised as z and added to outcome_weight * z_o.

    **Warning.** Normalising within (group, turn number) compares only the episodes that reached that turn.
    When the number of turns varies, and depends on success, the comparison set is selected and the baseline
    biased; the last turns often have one member and get 0. pool="group" does not select. In "turn_group" a
    constant gain meets the floor of 1e-6, which blows rounding noise up: do not use it there.

    Args:
        batch: N steps.
        gamma: Discount between turns.
        alpha: Weight of the gains (v1d).
        variant: "v1d" (the paper's) or "turn_group" (of the released code).
        norm: "mean_std", "mean" or "none".
        pool: Compare a turn with the group's turns of the same number ("turn_index") or with all ("group").
        boundary: Every step is a turn ("steps"); or a step whose gain is exactly 0 is none and takes the next
            turn's advantage ("nonzero": released).
        outcome_weight: Weight of the outcome (turn_group).
        clip_amplitude: Most that the clip range widens or narrows, a share.
        eps: Added to the deviations.

    Returns:
        `step` and `clip_scale`, both of shape (N,).

    References:
        Chen et al. 2026, https://arxiv.org/abs/2605.06200; deviations with n in the denominator, as released.
        Deviation from the paper: eps.
    """
    choice("variant", variant, Variant)
    choice("pool", pool, Pool)
    turn, last = credited_turns(batch, boundary), last_rows(batch.episode)
    gain = turn & ~last
    number = np.zeros(len(batch), np.int64)
    number[turn] = step_number(batch.episode[turn])
    cell = batch.group if pool == "group" else codes(batch.group, number)
    outcome = np.zeros(len(batch))
    outcome[last] = soft_norm(batch.reward[last], batch.group[last], norm, eps=eps)
    outcome = backward_scan(outcome, 1.0, batch.episode)
    value = batch.reward if variant == "v1d" else _accumulated(batch, gain, last, gamma)
    score = np.zeros(len(batch))
    score[gain] = soft_norm(value[gain], cell[gain], norm, eps=eps)
    if variant == "v1d":
        later = backward_scan(gain.astype(np.float64), 1.0, batch.episode)
        total = backward_scan(score, np.where(turn, gamma, 1.0), batch.episode)
        advantage = alpha * total / np.sqrt(np.maximum(later, 1.0)) + outcome
    else:
        advantage = np.where(gain, score + outcome_weight * outcome, outcome)
        advantage = _from_the_next(advantage, turn, batch.episode)
    scale = np.where(gain, 1.0 + clip_amplitude * np.tanh(score / 2.0), 1.0)  # 2 sigmoid(z) - 1 = tanh(z / 2)
    return A2tgpoAdvantages(advantage, None, _from_the_next(scale, turn, batch.episode))


def _accumulated(batch: StepBatch, gain: BoolArray, last: BoolArray, gamma: float) -> FloatArray:
    """Gains brought to the scale of the outcomes and summed backwards from the outcome, shape (N,)."""
    if not gain.any():
        return batch.reward
    scale = batch.reward[last].std() / max(float(batch.reward[gain].std()), _LEAST_STD)
    scaled = np.where(last, batch.reward, np.where(gain, scale * batch.reward, 0.0))
    return backward_scan(scaled, np.where(gain | last, gamma, 1.0), batch.episode)


def _from_the_next(values: FloatArray, turn: BoolArray, episode: IntArray) -> FloatArray:
    """Values at turns; elsewhere that of the episode's next turn, shape (N,)."""
    if turn.all():
        return values
    return backward_scan(np.where(turn, values, 0.0), np.where(turn, 0.0, 1.0), episode)
