"""Tool-Star: format first, then the answer, then a bonus for using several tools."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import BoolArray, FloatArray
from baselines.estimators.episodes import episode_total
from baselines.estimators.labels import bounded
from baselines.rewards.registry import register_rule

__all__ = ["tool_star"]


def tool_star(
    f1: ArrayLike, well_formed: ArrayLike, several_tools: ArrayLike, *, bonus: float = 0.1
) -> FloatArray:
    """Grade answers: -1 without a valid format or answer, else their F1, plus a bonus if it is above 0.

    Args:
        f1: Token F1 of each answer, 0 for a wrong one, shape (E,).
        well_formed: Whether the format is valid and there is an answer, shape (E,), bool.
        several_tools: Whether two kinds of tool were used, shape (E,), bool.
        bonus: Added for two kinds of tool.

    Returns:
        Shape (E,), float64.

    References:
        Dong et al. 2025, hierarchical rewards, https://arxiv.org/abs/2505.16410; read in the released code,
        not run. ARPO, https://arxiv.org/abs/2507.19849, has the same rule. Deviation from the paper: none
        known.
    """
    score = np.asarray(f1, np.float64)
    score = score + np.where((score > 0) & np.asarray(several_tools, np.bool_), bonus, 0.0)
    return np.where(np.asarray(well_formed, np.bool_), score, -1.0)


@register_rule(
    "tool_star",
    paper="Tool-Star: Empowering LLM-Brained Multi-Tool Reasoner via Reinforcement Learning",
    arxiv="2505.16410",
    needs=("outcome", "predicted_calls"),
    writes=("outcome",),
)
def tool_star_rule(batch: StepBatch, *, bonus: float = 0.1) -> StepBatch:
    """Grade each episode, the outcome being the F1 of its answer, see `tool_star`.

    The format is valid if every step was and the episode ended by itself: with an answer.
    """
    broken = episode_total(~batch.valid, batch) > 0
    ended = episode_total(batch.terminated, batch) > 0
    several = _several_kinds(batch)
    return batch.with_columns(outcome=tool_star(batch.outcome, ~broken & ended, several, bonus=bonus))


def _several_kinds(batch: StepBatch) -> BoolArray:
    """Whether each row's episode called tools of two names, shape (N,)."""
    label = bounded(batch.episode)
    kinds: list[set[str]] = [set() for _ in range(int(label.max()) + 1)]
    for episode, calls in zip(label.tolist(), batch.column("predicted_calls", "tool_star"), strict=True):
        kinds[episode].update(str(call["name"] if isinstance(call, dict) else call[0]) for call in calls)
    return np.array([len(names) >= 2 for names in kinds])[label]
