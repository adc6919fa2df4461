"""An agent that plays recorded actions again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agentgym.errors import TrajectoryError
from agentgym.trajectory import Decision, Trajectory, Turn, read_trajectories

__all__ = ["ReplayAgent"]


class ReplayAgent:
    """Plays the decisions of a trajectory file, matched by environment, task and episode number.

    Args:
        path: A file of trajectories.

    Raises:
        TrajectoryError: The file is corrupt.
    """

    wants_oracle = False

    def __init__(self, path: str | Path) -> None:
        self.spec = f"replay:{path}"
        self._recorded = {_key(t.env_id, t.task_id, t.episode): t for t in read_trajectories(Path(path))}

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn as it was answered then.

        Raises:
            TrajectoryError: The file has no such episode, or fewer turns of it.
        """
        return [self._find(turn).steps[turn.index].decision for turn in turns]

    def _find(self, turn: Turn) -> Trajectory:
        recorded = self._recorded.get(_key(turn.env_id, turn.info["task_id"], turn.episode))
        if recorded is None or turn.index >= len(recorded.steps):
            raise TrajectoryError(
                f"{self.spec} has no turn {turn.index} of episode {turn.episode}, task "
                f"{turn.info['task_id']} of {turn.env_id}. Repeat the seed and tasks of the recorded run."
            )
        return recorded


def _key(env_id: str, task_id: str, episode: int) -> tuple[str, str, int]:
    return env_id, task_id, episode
