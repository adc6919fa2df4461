"""EMPG: advantages scaled down where the policy is unsure, and a bonus for clear next steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from agentgym.batch import StepBatch
from baselines.estimators.primitives import previous_rows, token_mean
from baselines.estimators.registry import Advantages, advantages, register

__all__ = ["empg"]


@register(
    "empg",
    paper="Harnessing Uncertainty: Entropy-Modulated Policy Gradients for Long-Horizon LLM Agents",
    arxiv="2509.09265",
    needs=("outcome", "entropy"),
)
def empg(
    batch: StepBatch,
    *,
    k: float = 1.0,
    k_future: float = 1.0,
    zeta: float = 0.05,
    base: str = "grpo",
    **keywords: Any,
) -> Advantages:
    """Scale the base's advantages by confidence and add a bonus for a confident next step.

    h(t) is the mean token entropy of step t, H = (h - min h) / (max h - min h + 1e-8) over the batch,
    g = exp(-k H) / (mean exp(-k H) + 1e-8), f(t) = exp(-k_future H(t+1)) and 0 at an episode's last step;
    A = A_base g + zeta f, minus its mean over the batch's steps.

    Args:
        batch: N steps with T response tokens. A step without trained tokens has h = 0.
        k: Strength of the scaling.
        k_future: Strength of the bonus's dependence on entropy.
        zeta: Weight of the bonus.
        base: Method whose advantages are modulated. Its columns are needed too.
        keywords: Passed to the base (released: over="steps").

    Returns:
        Advantages of shape (N,), mean 0 over the steps.

    Raises:
        UnknownNameError: There is no such base or keyword of it.

    References:
        Wang et al. 2025, self-calibrating gradient scaling and future clarity,
        https://arxiv.org/abs/2509.09265. Deviation from the paper: the authors' constants were not seen;
        formula and defaults are those of a third party's code.
    """
    own = advantages(base, batch, **keywords).step
    mean_entropy = token_mean(batch.column("entropy", "empg"), batch)
    low, high = mean_entropy.min(), mean_entropy.max()
    unsure = (mean_entropy - low) / (high - low + 1e-8)
    scale = np.exp(-k * unsure)
    scale /= scale.mean() + 1e-8
    clarity, previous = np.zeros(len(batch)), previous_rows(batch.episode)
    follows = previous >= 0
    clarity[previous[follows]] = np.exp(-k_future * unsure[follows])
    modulated = own * scale + zeta * clarity
    return Advantages(modulated - modulated.mean())
