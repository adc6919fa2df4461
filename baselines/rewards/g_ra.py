"""G-RA: step rewards count only in episodes that do well enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.columns import FloatArray, episode_sums

__all__ = ["g_ra"]


def g_ra(
    outcome: ArrayLike, process_reward: ArrayLike, episode: ArrayLike, *, threshold: float = 1.0
) -> FloatArray:
    """Add an episode's step rewards to its outcome, if the outcome reaches the threshold.

    R = r_high + [r_high >= threshold] * sum_t r_low(t).

    Args:
        outcome: High-level reward r_high as seen at each step, shape (N,), float64.
        process_reward: Low-level reward r_low of each step, shape (N,), float64.
        episode: Episode of each step, shape (N,), int64.
        threshold: Least outcome that opens the gate. The paper's is not known to us; 1 suits outcomes in
            [0, 1] and opens the gate on full success alone.

    Returns:
        The new outcome, shape (N,).

    References:
        Sun et al. 2025, gated reward accumulation, https://arxiv.org/abs/2508.10548. Our reading, not
        checked against released code. There a step reward counts if, for instance, a patch was submitted.
    """
    high = np.asarray(outcome, np.float64)
    low = episode_sums(np.asarray(episode, np.int64), np.asarray(process_reward, np.float64))
    return high + np.where(high >= threshold, low, 0.0)
