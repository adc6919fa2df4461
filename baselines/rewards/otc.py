"""OTC: a right answer is worth more, the fewer tool calls it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray, episode_sums
from agentgym.errors import ArgumentError
from baselines.estimators.labels import bounded
from baselines.rewards.registry import register_rule

__all__ = ["OtcRule", "otc"]


def otc(tool_calls: ArrayLike, optimal: ArrayLike | None = None, *, c: int = 1) -> FloatArray:
    """Grade numbers of tool calls against the fewest that were ever enough.

    With m calls and n the fewest: n = 0: cos(m pi / (2 m + c)), which is 1 at m = 0; n > 0:
    sin(f pi / (2 n)) with f = 2 m n / (m + n), which is 1 at m = n and 0 at m = 0.

    Args:
        tool_calls: Calls m in an episode, any shape, 0 or more.
        optimal: Fewest calls n of a right answer to its task, same shape; None, or a negative number: not
            known, graded as n = 0.
        c: Smoothness where n is 0 or not known, above 0.

    Returns:
        Factors in [0, 1], of the shape of `tool_calls`, float64.

    Raises:
        ArgumentError: `c` is not above 0, or a number of calls is negative.

    References:
        Wang et al. 2025, tool-integrated reward, https://arxiv.org/abs/2504.14870. Our reading, not checked
        against released code. Deviation from the paper: none known.
    """
    m = np.asarray(tool_calls, np.float64)
    if c <= 0 or (m < 0).any():
        raise ArgumentError(
            f"`c` is {c}, and the fewest calls {m.min(initial=0)}. Expected c > 0, calls >= 0."
        )
    n = np.zeros_like(m) if optimal is None else np.asarray(optimal, np.float64)
    free = np.cos(m * np.pi / (2 * m + c))
    known = np.where(n > 0, n, 1.0)
    return np.where(n > 0, np.sin(m * np.pi / (m + known)), free)


@register_rule(
    "otc",
    paper="Acting Less is Reasoning More! Teaching Model to Act Efficiently",
    arxiv="2504.14870",
    needs=("tool_calls", "outcome"),
    writes=("outcome",),
    reference=False,
)
class OtcRule:
    """Multiply each episode's outcome by alpha times the grade of its number of tool calls.

    The fewest calls of a right answer are kept for each task (`task`, else the group) over all batches. A
    wrong answer stays at 0.

    Args:
        c: Smoothness where no fewest number is known, see `otc`.
        alpha: Factor of the whole reward.
        success: Least outcome of a right answer.

    References:
        See `otc`. Deviation from the paper: none known.
    """

    def __init__(self, *, c: int = 1, alpha: float = 1.0, success: float = 1.0) -> None:
        self._c, self._alpha, self._success = c, alpha, success
        self._fewest: dict[str, int] = {}

    def __call__(self, batch: StepBatch) -> StepBatch:
        """Return the batch with the new outcome; the rewards stay."""
        calls = episode_sums(bounded(batch.episode), batch.column("tool_calls", "otc").astype(np.float64))
        task = [str(name) for name in (batch.group if batch.task is None else batch.task).tolist()]
        right = batch.outcome >= self._success
        for row in np.flatnonzero(right):
            count = int(calls[row])
            self._fewest[task[row]] = min(count, self._fewest.get(task[row], count))
        fewest = [self._fewest.get(name, -1) for name in task]
        grade = otc(calls, fewest, c=self._c)
        return batch.with_columns(outcome=self._alpha * grade * batch.outcome)

    def state_dict(self) -> dict[str, Any]:
        """Return the fewest calls of each task."""
        return {"fewest": dict(self._fewest)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        self._fewest = {str(name): int(count) for name, count in state["fewest"].items()}
