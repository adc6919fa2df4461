"""The advantages of every method as colours of the leaderboard's trajectory viewer."""

from __future__ import annotations

from collections.abc import Sequence

from agentgym.batch import StepBatch
from agentgym.trajectory import Trajectory
from baselines.estimators import advantages
from baselines.estimators.registry import method, names

__all__ = ["ADVANTAGES", "AdvantageColouring"]


class AdvantageColouring:
    """Per-step advantages under a registered method, with its paper's defaults."""

    def names(self) -> Sequence[str]:
        """List the methods; those that score trees are left out: submissions are plain episodes."""
        return [name for name in names() if method(name).level != "tree"]

    def fitting(self, episodes: Sequence[Trajectory]) -> Sequence[str]:
        """List the methods whose columns are recorded in these episodes."""
        if not any(episode.steps for episode in episodes):
            return ()
        batch = StepBatch.from_trajectories(episodes)
        return [
            name
            for name in self.names()
            if all(getattr(batch, column) is not None for column in method(name).needs)
        ]

    def values(self, name: str, episodes: Sequence[Trajectory], which: int) -> Sequence[float]:
        """Compute the advantage of each step of `episodes[which]` within its group.

        A method that scores tokens gives a step the mean of its tokens.

        Raises:
            MissingColumnError: The episodes lack a column that the method needs.
        """
        batch = StepBatch.from_trajectories(episodes)
        step = advantages(name, batch).step
        return [float(value) for value in step[batch.episode == which]]


ADVANTAGES = AdvantageColouring()
