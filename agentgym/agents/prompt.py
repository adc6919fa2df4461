"""How a turn becomes a prompt and a response an action: a part of the agent, not of the environment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from agentgym.agents.styles import STYLES
from agentgym.agents.templates import template_fields
from agentgym.errors import ArgumentError, suggest
from agentgym.trajectory import Step, Turn

__all__ = ["PROMPT_FILE", "PromptTemplate"]

PROMPT_FILE = "agentgym_prompt.json"
_TOLD: Final = 80
"""Characters of an action that a summary repeats."""
_CHATS: Final = ("single", "turns")


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """Goal, form of answer, the turn's note, past turns, the present observation, a marker to answer at.

    Attributes:
        instruction: Whether the goal stands at the top.
        manual: Words of your own that follow the goal.
        history: Number of past turns shown, each as observation and action.
        summary: Whether the turns before those are told in a line: what was done, and whether it was valid.
        style: Form of the answer, a name in `agentgym.agents.styles`: "plain", "reason", "react" or "plan".
        admissible: Whether the admissible actions are listed.
        marker: What stands before an action.
        reminder: Whether the goal is repeated before every marker, which helps small models.
        chat: "single": every prompt is written anew, to a chat model as one message. "turns": a prompt goes
            on from the one before it, answers being the very tokens that were sampled, and shows every turn.
            See `agentgym.agents.chats`.
    """

    instruction: bool = True
    history: int = 0
    admissible: bool = False
    marker: str = ">"
    reminder: bool = False
    summary: bool = False
    style: str = "plain"
    manual: str = ""
    chat: str = "single"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not type(field.default):
                kind = type(field.default).__name__
                raise ArgumentError(f"`{field.name}` of a prompt is {value!r}. It must be {kind}.")
        if self.style not in STYLES:
            raise suggest("style", self.style, STYLES)
        if self.history < 0:
            raise ArgumentError(f"`history` is {self.history}. It is a number of past turns, at least 0.")
        if self.chat not in _CHATS:
            raise suggest("form of chat", self.chat, _CHATS)
        if self.chat == "turns" and (self.history or self.summary):
            raise ArgumentError("chat='turns' shows every turn. Leave out `history` and `summary`.")

    def render(self, turn: Turn) -> str:
        """Write the prompt of a turn."""
        parts, answer_here = [f"{text}\n" for text in self._top(turn)], self._answer_here(turn)
        parts += [f"{step.observation}\n{answer_here}{step.decision.action}" for step in self._shown(turn)]
        parts += [self.present(turn), answer_here]
        return "\n".join(parts)

    def render_next(self, turn: Turn, note: str = "") -> str:
        """Write what follows the answer before this turn, up to where the next one stands."""
        return "\n".join(["", *[note] * bool(note), self.present(turn), self._answer_here(turn)])

    def messages(self, turn: Turn) -> list[dict[str, str]]:
        """Write the prompt of a turn as a chat: the goal first, then observations and answers in turn."""
        top = self._top(turn)
        chat = [{"role": "system", "content": "\n\n".join(top)}] if top else []
        for step in self._shown(turn):
            chat.append({"role": "user", "content": step.observation})
            chat.append({"role": "assistant", "content": step.decision.response or step.decision.action})
        return [*chat, {"role": "user", "content": self.present(turn)}]

    def present(self, turn: Turn) -> str:
        """Write what the turn shows: the observation, and the admissible actions if they are to be listed."""
        actions = turn.info["admissible_actions"] if self.admissible else None
        return turn.observation if actions is None else f"{turn.observation}\nActions: {', '.join(actions)}"

    def parse(self, response: str, turn: Turn | None = None) -> str:
        """Take the action out of a response, as the style has it.

        An environment whose instruction asks for `<answer>` tags gets them: they are then part of the action.
        """
        if turn is not None and "<answer>" in turn.info["instruction"] and "<action>" not in response:
            return response.rpartition("</think>")[2].strip()
        return STYLES[self.style].action(response)

    def _top(self, turn: Turn) -> list[str]:
        """What stands before all turns."""
        goal, form = turn.info["instruction"] if self.instruction else "", STYLES[self.style].manual
        return [text for text in (goal, self.manual, form, turn.note, self._told(turn)) if text]

    def _shown(self, turn: Turn) -> Sequence[Step]:
        shown = len(turn.history) if self.chat == "turns" else self.history
        return turn.history[len(turn.history) - shown :] if shown else ()

    def _told(self, turn: Turn) -> str:
        """Tell the turns that are not shown in a line."""
        before = turn.history[: max(0, len(turn.history) - self.history)] if self.summary else ()
        done = [step.decision.action[:_TOLD] + ("" if step.valid else " (failed)") for step in before]
        return f"Done so far: {'; '.join(done)}" if done else ""

    def _answer_here(self, turn: Turn) -> str:
        return f"{turn.info['instruction']}\n{self.marker}" if self.reminder else self.marker

    def save(self, folder: Path) -> None:
        """Write the template beside a model, so that `hf:<folder>` prompts it as it was trained."""
        (folder / PROMPT_FILE).write_text(json.dumps(asdict(self), indent=1), encoding="ascii")

    @classmethod
    def load(cls, folder: Path, **changes: Any) -> PromptTemplate:
        """Read the template beside a model (the default one if there is none) and change it; see `changed`.

        Raises:
            UnknownNameError: A change names no field.
            ArgumentError: The file is no template.
        """
        path = folder / PROMPT_FILE
        if not path.exists():
            return cls().changed(**changes)
        try:
            found = cls(**json.loads(path.read_text(encoding="ascii")))
        except (ValueError, TypeError) as error:
            raise ArgumentError(
                f"{path} is no prompt template: {error}. Delete it or write it again."
            ) from error
        return found.changed(**changes)

    def changed(self, *, template: str | None = None, **changes: Any) -> PromptTemplate:
        """Change fields.

        Args:
            template: A family of environments, or a TOML file: its fields come first.
            changes: Fields and their values.

        Raises:
            UnknownNameError: There is no such family or field.
            ArgumentError: The file is no TOML, or a value does not fit.
        """
        if template is not None and not isinstance(template, str):
            raise ArgumentError(f"`template` is {template!r}. It must be the name of a family or a file.")
        changes = (template_fields(template) if template is not None else {}) | changes
        known = {field.name for field in fields(self)}
        for name in changes.keys() - known:
            raise suggest("prompt option", name, known)
        return replace(self, **changes)
