"""Runs to export: real ones of the toy, and one that a hostile model might have written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agentgym.rollout import TRAJECTORY_FILE, Episode, collect
from agentgym.trajectory import Decision, Trajectory, Turn, write_trajectories
from tests.toys import TOY_ID

HOSTILE = (
    "a lone \ud800 one, NUL \x00, \u202e turned, 'quoted' \"twice\", {{ jinja }}, \U0001f600, <|im_end|>\n"
)


@dataclass
class Wanderer:
    """Walks at random, in words of its own."""

    spec: str = "wanderer"
    wants_oracle: bool = False
    words: str = "I say: "

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        ways = ("go east", "go west")
        actions = [ways[int(turn.rng().integers(2))] for turn in turns]
        return [Decision(action, f"{self.words}{action}") for action in actions]


def play(groups: int = 4, size: int = 4, *, words: str = "I say: ", wind: float = 0.0) -> list[Trajectory]:
    """Play groups of episodes of the toy, some of them in another split."""
    episodes = [
        Episode(
            number=group * size + member,
            env_id=TOY_ID,
            seed=group,
            group=group,
            env_kwargs={"length": 4, "wind": wind, "split": "validation" if group == 1 else "train"},
        )
        for group in range(groups)
        for member in range(size)
    ]
    return list(collect(episodes, Wanderer(words=words)))


def write(folder: Path, trajectories: Sequence[Trajectory]) -> Path:
    """Write the folder of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    write_trajectories(folder / TRAJECTORY_FILE, trajectories)
    return folder
