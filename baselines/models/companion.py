"""What is learned beside the policy: one protocol for critics, progress estimators and process models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from agentgym.batch import StepBatch
from agentgym.trajectory import Trajectory, Turn
from baselines.models.rows import Row, rows_of

__all__ = ["Companion", "Encode", "Play", "StepScorer", "prompt_only", "prompts_after"]


class Play(NamedTuple):
    """What one update collected.

    Attributes:
        trajectories: The episodes, in the order of the batch's `episode` numbers.
        rows: The turns as tokens, N rows in the order of the batch.
        batch: The same turns as columns.
        node: Node of each turn in the tree of its group, shape (N,); None where no tree was grown.
        probed: Mean return of probes before and after each turn, shape (N, 2), NaN where there were none;
            None where no tree was grown.
    """

    trajectories: Sequence[Trajectory]
    rows: Sequence[Row]
    batch: StepBatch
    node: NDArray[np.int64] | None = None
    probed: NDArray[np.float64] | None = None

    @classmethod
    def of(cls, trajectories: Sequence[Trajectory]) -> Play:
        """Take up what was played.

        Raises:
            ArgumentError: A decision carries no tokens: it was not made by a language model.
            ShapeError: There is no step.
        """
        return cls(trajectories, rows_of(trajectories), StepBatch.from_trajectories(trajectories))


class Companion(Protocol):
    """A learned part that gives the estimator columns and learns from the same turns.

    Its optimizer is its own. Everything that changes is in `state_dict`, so that a run that was killed goes
    on with exactly what it had.
    """

    def columns(self, play: Play) -> Mapping[str, Any]:
        """Return columns of the batch, by name, before the estimator runs."""

    def learn(self, play: Play, estimate: Any, *, seed: Sequence[int]) -> dict[str, float]:
        """Learn from the turns whose columns were asked for last; return metrics.

        Args:
            play: The turns.
            estimate: What the estimator returned: targets may be among its further fields.
            seed: Decides the order of minibatches.
        """

    def state_dict(self) -> dict[str, Any]:
        """Return all that changes: nested dictionaries of tensors, arrays and JSON values."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` returned."""


@runtime_checkable
class StepScorer(Protocol):
    """A companion that says how good a response is, and so can choose among several."""

    def score(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Score steps: shape (N,)."""


Encode = Callable[[Sequence[Turn]], Sequence[NDArray[np.int64]]]
"""Turns to prompts, as `HFAgent.encode`."""


def prompt_only(prompt: NDArray[np.int64]) -> Row:
    """Make a row whose one response position is predicted from the prompt: all that a state's value needs."""
    return Row(prompt, np.zeros(1, np.int64))


def prompts_after(play: Play, encode: Encode) -> tuple[NDArray[np.int64], list[Row]]:
    """Write the prompts that would have come next where the steps ran out.

    Returns:
        The rows of the batch that were truncated, shape (K,), and K rows of `prompt_only`.
    """
    ends = np.flatnonzero(play.batch.truncated & ~play.batch.terminated)
    cut = [play.trajectories[episode] for episode in play.batch.episode[ends]]
    turns = [Turn(t.env_id, t.episode, t.seed, t.final_observation, t.final_info, t.steps) for t in cut]
    return ends, [prompt_only(prompt) for prompt in (encode(turns) if turns else ())]
