"""How a turn becomes a prompt and a response an action: a part of the agent, not of the environment."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from agentgym.errors import ArgumentError, suggest
from agentgym.trajectory import Turn

__all__ = ["PROMPT_FILE", "PromptTemplate"]

PROMPT_FILE = "agentgym_prompt.json"
_TAG = re.compile(r"<(action|answer)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """Instruction, the turn's note, a window of past turns, the present observation, a marker to answer at.

    Attributes:
        instruction: Whether the goal stands at the top.
        history: Number of past turns shown, each as observation and action.
        admissible: Whether the admissible actions are listed.
        marker: What stands before an action.
        reminder: Whether the goal is repeated before every marker, which helps small models.
    """

    instruction: bool = True
    history: int = 0
    admissible: bool = False
    marker: str = ">"
    reminder: bool = False

    def __post_init__(self) -> None:
        if self.history < 0:
            raise ArgumentError(f"`history` is {self.history}. It is a number of past turns, at least 0.")

    def render(self, turn: Turn) -> str:
        """Write the prompt of a turn."""
        parts = [turn.info["instruction"] + "\n"] if self.instruction else []
        if turn.note:
            parts.append(turn.note + "\n")
        shown = turn.history[len(turn.history) - self.history :] if self.history else ()
        answer_here = f"{turn.info['instruction']}\n{self.marker}" if self.reminder else self.marker
        parts += [f"{step.observation}\n{answer_here}{step.decision.action}" for step in shown]
        parts.append(turn.observation)
        if self.admissible and turn.info["admissible_actions"] is not None:
            parts.append("Actions: " + ", ".join(turn.info["admissible_actions"]))
        parts.append(answer_here)
        return "\n".join(parts)

    def messages(self, turn: Turn) -> list[dict[str, str]]:
        """Write the prompt of a turn as a chat: the goal first, then observations and answers in turn."""
        top = [turn.info["instruction"]] if self.instruction else []
        top += [turn.note] if turn.note else []
        chat = [{"role": "system", "content": "\n\n".join(top)}] if top else []
        for step in turn.history[len(turn.history) - self.history :] if self.history else ():
            chat.append({"role": "user", "content": step.observation})
            chat.append({"role": "assistant", "content": step.decision.response or step.decision.action})
        present = turn.observation
        if self.admissible and turn.info["admissible_actions"] is not None:
            present += "\nActions: " + ", ".join(turn.info["admissible_actions"])
        return [*chat, {"role": "user", "content": present}]

    def parse(self, response: str) -> str:
        """Take the action out of a response: the last `<action>` or `<answer>` tag, else all of it."""
        tagged = _TAG.findall(response)
        return (tagged[-1][1] if tagged else response).strip()

    def save(self, folder: Path) -> None:
        """Write the template beside a model, so that `hf:<folder>` prompts it as it was trained."""
        (folder / PROMPT_FILE).write_text(json.dumps(asdict(self), indent=1), encoding="ascii")

    @classmethod
    def load(cls, folder: Path, **changes: Any) -> PromptTemplate:
        """Read the template beside a model (the default one if there is none) and change it.

        Raises:
            UnknownNameError: A change names no field.
            ArgumentError: The file is no template.
        """
        known = {field.name for field in fields(cls)}
        for name in changes.keys() - known:
            raise suggest("prompt option", name, known)
        path = folder / PROMPT_FILE
        if not path.exists():
            return cls(**changes)
        try:
            return replace(cls(**json.loads(path.read_text(encoding="ascii"))), **changes)
        except (ValueError, TypeError) as error:
            raise ArgumentError(
                f"{path} is no prompt template: {error}. Delete it or write it again."
            ) from error
