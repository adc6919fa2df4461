"""An adversary: honest trajectories, altered through objects, so that every hash chain is whole again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from agentgym import Decision, Step, Trajectory, Turn, register_env
from agentgym.agents import make_agent, register_agent
from agentgym.rollout import Episode, collect
from tests.toys import TOY_ID

__all__ = ["EPISODE_FORGERIES", "VICTIM", "WANDERER", "honest_run", "play", "with_step"]

CALM_ID = "agentgym/ToyCalmCorridor-v0"
register_env("ToyCalmCorridor-v0", "tests.toys:CorridorEnv", kwargs={"wind": 0.0})

WANDERER = "wanderer:1"
VICTIM = 4  # the episode that is forged: the wanderer goes to the wrong door


class Wanderer:
    """Waits five turns, then walks to a door: to the wrong one in every third episode.

    Args:
        remainder: Remainder of the numbers of those episodes; "2" adds episode 0 to them.
    """

    wants_oracle = False

    def __init__(self, remainder: str) -> None:
        self.spec = f"wanderer:{remainder}"
        self._remainder = int(remainder)

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn; nothing here is random."""
        return [Decision("wait" if turn.index < 5 else f"go {self._door(turn)}") for turn in turns]

    def _door(self, turn: Turn) -> str:
        errs = turn.episode % 3 == self._remainder or (self._remainder == 2 and turn.episode == 0)
        return "east" if ("east" in turn.info["instruction"]) != errs else "west"


register_agent("wanderer", "tests.agentgym.tampering:Wanderer", "<remainder>")


def play(episodes: Sequence[Episode], agent: str = WANDERER) -> list[Trajectory]:
    """Play episodes honestly."""
    return sorted(collect(episodes, make_agent(agent)), key=lambda t: t.episode)


def honest_run(count: int = 6) -> list[Trajectory]:
    """Walk through some corridors."""
    tasks = ("test/2-west", "test/3-east", "test/4-east", "test/5-west", "test/6-west", "test/7-east")
    return play([Episode(i, TOY_ID, seed=i, task=tasks[i % 6]) for i in range(count)])


def with_step(trajectory: Trajectory, turn: int, **changes: Any) -> Trajectory:
    """Change one step; a new `action` goes into its decision."""
    steps = list(trajectory.steps)
    if "action" in changes:
        changes["decision"] = Decision(changes.pop("action"))
    steps[turn] = replace(steps[turn], **changes)
    return replace(trajectory, steps=tuple(steps))


def _extra_turn(trajectory: Trajectory) -> Trajectory:
    more = replace(trajectory.steps[-1], observation=trajectory.final_observation, reward=5.0)
    return replace(trajectory, steps=(*trajectory.steps, more))


def _winning_end(trajectory: Trajectory) -> Trajectory:
    last = len(trajectory.steps) - 1
    return with_step(
        trajectory, last, reward=1.0, success=True, score=1.0, progress=1.0, terminated=True, truncated=False
    )


def _other_action(step: Step) -> str:
    return "go west" if step.decision.action == "go east" else "go east"


EPISODE_FORGERIES: dict[str, Callable[[Trajectory], Trajectory]] = {
    "reward": lambda t: with_step(t, 1, reward=9.0),
    "success flag": lambda t: with_step(t, -1, success=not t.steps[-1].success),
    "score": lambda t: with_step(t, -1, score=0.75),
    "progress": lambda t: with_step(t, 0, progress=0.5 + t.steps[0].progress / 4),
    "a whole winning end": _winning_end,
    "action": lambda t: with_step(t, 0, action=_other_action(t.steps[0])),
    "action made nonsense": lambda t: with_step(t, 0, action="__import__('os').abort()"),
    "observation": lambda t: with_step(t, 1, observation="You stand before the door."),
    "state key": lambda t: with_step(t, 1, state="0" * 16),
    "validity flag": lambda t: with_step(t, 0, valid=False),
    "terminated flag": lambda t: with_step(t, 0, terminated=True),
    "truncated flag": lambda t: with_step(t, -1, truncated=not t.steps[-1].truncated),
    "final observation": lambda t: replace(t, final_observation="You have won."),
    "turns cut off": lambda t: replace(t, steps=t.steps[:-1], final_observation=t.steps[-1].observation),
    "all turns cut off": lambda t: replace(t, steps=(), final_observation=t.steps[0].observation),
    "a turn left out": lambda t: replace(t, steps=t.steps[:1] + t.steps[2:]),
    "extra turn after the end": _extra_turn,
    "error that hides a finished episode": lambda t: replace(t, error="agent: OSError: gone"),
    "error that is no reason": lambda t: replace(t, error=""),
    "split": lambda t: replace(t, split="train"),
    "task": lambda t: replace(t, task_id="test/1-west"),
    "seed": lambda t: replace(t, seed=t.seed + 1),
    "wind turned off": lambda t: replace(t, env_kwargs={"wind": 0.0}),
    "environment": lambda t: replace(t, env_id="agentgym/NoSuch-v0"),
    "argument that does not exist": lambda t: replace(t, env_kwargs={"cheat": True}),
}
"""Forgeries of one episode that its re-execution alone finds."""
