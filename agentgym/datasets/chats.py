"""Episodes as chats: the goal, then observations and answers in turn."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from agentgym.api import TextEnv
from agentgym.datasets.text import encodable
from agentgym.errors import DataError, MissingExtraError
from agentgym.hashing import canonical_json
from agentgym.registry import make_env
from agentgym.trajectory import Step, Trajectory

__all__ = ["Chat", "Chats", "answer_of"]

Message = dict[str, str]


class Chat(NamedTuple):
    """An episode as a chat.

    Attributes:
        goal: What stands before all turns: a system message, or nothing.
        turns: An observation and an answer for each turn.
        tools: The environment's tools as JSON, None where it has none.
    """

    goal: list[Message]
    turns: list[tuple[Message, Message]]
    tools: str | None

    def messages(self, begin: int = 0, end: int | None = None) -> list[Message]:
        """Write the turns from `begin` up to `end` as messages, without the goal."""
        return [message for turn in self.turns[begin:end] for message in turn]


class Chats:
    """Writes episodes as chats; keeps the environment that it asked last for goals.

    Args:
        instruction: Whether to start every task again, for its goal and tools.
    """

    def __init__(self, *, instruction: bool = True) -> None:
        self._instruction = instruction
        self._env: TextEnv | None = None
        self._setting = b""

    def write(self, trajectory: Trajectory) -> Chat:
        """Write an episode.

        Raises:
            DataError: The task does not start as it was recorded, or not at all.
            UnknownNameError: The environment or the task does not exist.
        """
        goal, tools = self._goal(trajectory) if self._instruction else ("", None)
        turns = [(_said("user", step.observation), answer_of(step)) for step in trajectory.steps]
        return Chat([_said("system", goal)] if goal else [], turns, tools)

    def close(self) -> None:
        """Close the environment."""
        if self._env is not None:
            self._env.close()
        self._env, self._setting = None, b""

    def _goal(self, trajectory: Trajectory) -> tuple[str, str | None]:
        try:
            observation, info = self._start(trajectory)
        except (DataError, MissingExtraError):
            raise
        except Exception as error:  # arguments come from a file: any environment may fail on them in any way
            raise DataError(
                f"Episode {trajectory.episode} of {trajectory.env_id} cannot be started again: {error!r}."
            ) from error
        if trajectory.steps and trajectory.steps[0].observation != observation:
            raise DataError(
                f"Episode {trajectory.episode} of {trajectory.env_id} does not start as it was recorded "
                f"(by version {trajectory.package}). Export without the instruction, or with that version."
            )
        tools: Any = info["extra"].get("tools")
        return info["instruction"], json.dumps(tools) if isinstance(tools, list) and tools else None

    def _start(self, trajectory: Trajectory) -> tuple[str, dict[str, Any]]:
        setting = canonical_json([trajectory.env_id, dict(trajectory.env_kwargs)])
        if self._env is None or setting != self._setting:
            self.close()
            self._env = make_env(trajectory.env_id, **trajectory.env_kwargs)
            self._setting = setting
        return self._env.reset(seed=trajectory.seed, options={"task": trajectory.task_id})


def answer_of(step: Step) -> Message:
    """Write what the agent said at a step: the raw answer, or the action where there is none."""
    return _said("assistant", step.decision.response or step.decision.action)


def _said(role: str, text: str) -> Message:
    return {"role": role, "content": encodable(text)}
