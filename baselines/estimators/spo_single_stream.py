"""Single-stream policy optimisation: one episode a task, against a running success rate of the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from agentgym.batch import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import ArgumentError
from baselines.estimators.bnpo import check_rates
from baselines.estimators.episodes import episode_length, episode_total
from baselines.estimators.primitives import first_rows, group_norm, token_sum
from baselines.estimators.registry import register

__all__ = ["SingleStreamAdvantages", "SpoSingleStream", "task_weight"]


class SingleStreamAdvantages(NamedTuple):
    """Advantages, and the counters of each row's task after the batch.

    Attributes:
        step: Advantage of each step, shape (N,), float64.
        token: None: every token has its step's.
        successes_new: Discounted successes of the task, shape (N,).
        failures_new: Discounted failures of the task, shape (N,).
    """

    step: FloatArray
    token: FloatArray | None
    successes_new: FloatArray
    failures_new: FloatArray


@register(
    "spo_single_stream",
    paper="Single-stream Policy Optimization",
    arxiv="2509.13232",
    needs=("outcome", "logprob", "old_logprob"),
    level="episode",
)
class SpoSingleStream:
    """Compare each outcome with its task's running success rate, and standardise over the batch.

    p = a / (a + b) from the task's counters; A = (d - mean d) / (std d + eps) over the batch's episodes with
    d = x - p. Then a <- rho a + x, b <- rho b + 1 - x with rho = clip(2^(-D / half_life), rho_min, rho_max),
    where D is the mean of |logprob - old_logprob| over the episode's tokens: what a task did under a policy
    that has moved away counts less. Episodes of one task are counted one after the other.

    Args:
        half_life: Movement D that halves the memory.
        rho_min: Least share that is kept.
        rho_max: Greatest share that is kept.
        eps: Added to the deviation.
        successes: Counters a before the first batch, one for each of its rows; None: 0.5 / (1 - rho_min).
        failures: Counters b likewise; None: the same.

    References:
        Xu and Ding 2025, https://arxiv.org/abs/2509.13232; restated from the released trainer. Deviation from
        the paper: none known. D is the movement since the response was sampled, which is 0 in training,
        where each response is fresh; the paper keeps a task's last response and measures it when the task
        returns. Counters from n0 tries beforehand:
        `SpoSingleStream.prior`. How often a task is drawn: `task_weight`.
    """

    def __init__(
        self,
        *,
        half_life: float = 0.06,
        rho_min: float = 0.875,
        rho_max: float = 0.96,
        eps: float = 1e-8,
        successes: Sequence[float] | None = None,
        failures: Sequence[float] | None = None,
    ) -> None:
        if not (half_life > 0 and 0 < rho_min <= rho_max < 1):
            raise ArgumentError(
                f"`half_life` is {half_life}, `rho_min` {rho_min} and `rho_max` {rho_max}. Expected "
                "half_life > 0 and 0 < rho_min <= rho_max < 1."
            )
        self._half_life, self._rho, self._eps = half_life, (rho_min, rho_max), eps
        self._given = None if successes is None or failures is None else (list(successes), list(failures))
        self._counters: dict[str, tuple[float, float]] = {}

    def __call__(self, batch: StepBatch) -> SingleStreamAdvantages:
        """Return advantages, shape (N,), and count the batch.

        Raises:
            ArgumentError: An outcome lies outside [0, 1].
        """
        check_rates("outcome", batch.outcome, "spo_single_stream")
        task = [str(name) for name in (batch.group if batch.task is None else batch.task).tolist()]
        self._begin(task)
        first = first_rows(batch.episode)
        rate = np.array([a / (a + b) for a, b in map(self._counters.__getitem__, task)])
        whole = np.zeros(len(batch), np.int64)
        step = group_norm(batch.outcome - rate, whole, "mean_std", first, eps=self._eps, single="zero")
        kept = self._kept(batch)
        for row in np.flatnonzero(first):
            a, b = self._counters[task[row]]
            x = float(batch.outcome[row])
            self._counters[task[row]] = (kept[row] * a + x, kept[row] * b + 1.0 - x)
        after = np.array([self._counters[name] for name in task])
        return SingleStreamAdvantages(step, None, after[:, 0], after[:, 1])

    def prior(self, task: str, successes: int, tries: int) -> None:
        """Start a task's counters from tries that were made beforehand, worth 1 / (1 - rho_min) episodes."""
        worth = 1.0 / (1.0 - self._rho[0])
        won, lost = (successes + 0.5) / (tries + 1), (tries - successes + 0.5) / (tries + 1)
        self._counters[task] = (worth * won, worth * lost)

    def state_dict(self) -> dict[str, Any]:
        """Return the counters of each task."""
        return {"counters": {name: list(pair) for name, pair in self._counters.items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""
        self._given = None
        self._counters = {name: (float(a), float(b)) for name, (a, b) in state["counters"].items()}

    def _begin(self, task: Sequence[str]) -> None:
        if self._given is not None:
            if len(self._given[0]) != len(task) or len(self._given[1]) != len(task):
                raise ArgumentError(
                    f"`successes` and `failures` have {len(self._given[0])} and {len(self._given[1])} "
                    f"numbers for {len(task)} rows. Pass one for each row of the first batch."
                )
            self._counters = dict(zip(task, zip(*self._given, strict=True), strict=True))
            self._given = None
        for name in task:
            if name not in self._counters:
                self.prior(name, 0, 0)

    def _kept(self, batch: StepBatch) -> FloatArray:
        """Share of the memory that each row's episode keeps, rho, shape (N,)."""
        moved = np.abs(
            batch.column("logprob", "spo_single_stream") - batch.column("old_logprob", "spo_single_stream")
        )
        mean = episode_total(token_sum(moved, batch), batch) / np.maximum(episode_length(batch), 1.0)
        return np.clip(2.0 ** (-mean / self._half_life), *self._rho)


def task_weight(rate: FloatArray) -> FloatArray:
    """How often to draw tasks of success rate p, any shape, up to a factor: sqrt(p (1 - p)) + 0.05."""
    return np.asarray(np.sqrt(rate * (1.0 - rate)) + 0.05)
