"""`ToolEnv`: what every environment of tools has in common, from the agent's text to the info."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from agentgym.api import Facts, TextEnv, Transition
from agentgym.errors import DataError, suggest
from envs.tooluse.core.call import ToolResult, unfit
from envs.tooluse.core.conversation import Conversation, LastStep
from envs.tooluse.core.prompt import Detail, system_text
from envs.tooluse.core.tool import Toolbox, run_call
from envs.tooluse.formats import MAX_CHARACTERS, FormatFault, Message, format_named

__all__ = ["Outcome", "Standing", "ToolEnv"]

_KEPT = 2000
_DEEPEST = 64
_DETAILS = ("full", "signatures", "none")


class Outcome(NamedTuple):
    """What an action led to.

    Attributes:
        observation: What the agent sees of it.
        reward: The reward.
        terminated: Whether the task ended by itself.
        parts: What the reward is made of, by name.
    """

    observation: str
    reward: float = 0.0
    terminated: bool = False
    parts: Mapping[str, float] = MappingProxyType({})


class Standing(NamedTuple):
    """How an episode stands; the fields are those of `agentgym.Info`."""

    state_key: str
    progress: float
    score: float
    success: bool


class ToolEnv(TextEnv):
    """A text environment whose actions are calls of tools, or replies to a user.

    An action is read by the action format. Calls are run one after the other, replies go to `_reply`. A text
    that cannot be read, an unknown tool or arguments that break a schema change nothing and cost a step; the
    observation says what is wrong. `info["action_valid"]` is False where nothing was run or said.

    A family implements `_open`, `_policy`, `_reply`, `_standing`, `_save_state`, `_load_state` and
    `oracle_action`, and, where its calls do more than answer, `_ends` and `_settle`.

    `info["extra"]` holds `messages` (the conversation in OpenAI's form, without the instruction; arguments
    are objects), `tools` (OpenAI function schemas), and of the last step `tool_calls` (`{"name",
    "arguments"}` each), `tool_results` (a text each), `parse_error`, `repaired` and `reward_parts`.

    Args:
        action_format: "hermes", "openai", "react", "xml-tags" or "pycall".
        repair: Whether broken JSON in actions is mended (needs json_repair). Mended actions are flagged.
        prompt: How much of the tools the instruction tells: "full" (JSON schemas and the format),
            "signatures" (a line each, and the format) or "none".
        split: The split from which `reset(seed=...)` draws its task.
        max_steps: Number of steps after which an episode is truncated.
        render_mode: "ansi" (the conversation) or None.

    Raises:
        ArgumentError: An argument has a value that cannot be used.
    """

    def __init__(
        self,
        *,
        action_format: str = "hermes",
        repair: bool = False,
        prompt: Detail = "full",
        split: str = "train",
        max_steps: int = 50,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(split=split, max_steps=max_steps, render_mode=render_mode)
        if prompt not in _DETAILS:
            raise suggest("prompt", str(prompt), _DETAILS)
        self._format = format_named(action_format)
        self._repair = bool(repair)
        self._detail: Detail = prompt
        self._talk = Conversation()
        self._last = LastStep()
        self._equip({})

    # ---- hooks of a family -------------------------------------------------------------------------------

    @abc.abstractmethod
    def _open(self, task: str) -> str:
        """Start a task, `_equip` its tools and return the user's first words."""

    @abc.abstractmethod
    def _policy(self) -> str:
        """Return role, rules and goal, in words. It is asked for whenever tools are equipped."""

    @abc.abstractmethod
    def _reply(self, text: str) -> Outcome:
        """Take a reply of the agent."""

    def _ends(self, result: ToolResult) -> bool:
        """Whether the calls after this one are not to be run."""
        return False

    def _settle(self, results: Sequence[ToolResult]) -> Outcome:
        """Say what came of calls, of which at least one was run."""
        return Outcome(self._format.answer(results))

    @abc.abstractmethod
    def _standing(self) -> Standing:
        """Report how the episode stands."""

    def _more(self) -> dict[str, Any]:
        """Return the family's own keys of `info["extra"]`."""
        return {}

    @abc.abstractmethod
    def _save_state(self) -> dict[str, Any]:
        """Return the family's state, the conversation aside, as a JSON object."""

    @abc.abstractmethod
    def _load_state(self, task: str, state: Any) -> None:
        """Take up (and `_equip`) what `_save_state` returned. Untrusted: raise before changing anything."""

    # ---- what families use -------------------------------------------------------------------------------

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The tools that the agent has now, as OpenAI function schemas."""
        return self._schemas

    def _equip(self, tools: Toolbox) -> None:
        """Give the agent these tools, and no others."""
        self.toolbox = tools
        self._schemas = [tool.openai() for tool in tools.values()]
        self._instruction: str | None = None

    def _write(self, message: Message) -> str:
        """Write calls or a reply in the action format: what `oracle_action` returns."""
        return self._format.write(message, self.toolbox)

    # ---- the contract ------------------------------------------------------------------------------------

    def render(self) -> str | None:
        """Return the conversation for "ansi", else None."""
        if self.render_mode != "ansi":
            return None
        return "\n".join(f"{message['role']}: {_line(message)}" for message in self._talk.messages)

    def _begin(self, task: str) -> str:
        opening = self._open(task)
        self._talk, self._last = Conversation(), LastStep()
        self._talk.user(opening)
        return opening

    def _act(self, action: str) -> Transition:
        try:
            message = self._read(action)
        except FormatFault as fault:
            return self._refuse(action, str(fault))
        results = self._run(message)
        answer = self._format.answer(results) if results else ""
        valid = not results or any(result.ran for result in results)
        if not results:
            outcome = self._reply(message.text)
            self._talk.reply(_printable(message.text))
        else:
            outcome = self._settle(results) if valid else Outcome(answer)
            self._talk.called(message, results)
        observation = _printable(outcome.observation)
        if beyond := observation.removeprefix(answer).strip():
            self._talk.user(beyond)
        self._last = LastStep(
            tuple(result.call.to_record() for result in results),
            tuple(result.output for result in results),
            repaired=message.repaired,
            reward_parts={name: float(part) for name, part in outcome.parts.items()},
        )
        return Transition(observation, outcome.reward, outcome.terminated, valid)

    def _read(self, action: str) -> Message:
        if len(action) > MAX_CHARACTERS:
            raise FormatFault(f"The message has {len(action)} characters; at most {MAX_CHARACTERS} are read.")
        text = _without_thoughts(action)
        message = self._format.parse(text, self.toolbox, repair=self._repair)
        if not message.calls and not message.text.strip():
            raise FormatFault("The message is empty: it holds neither a call nor a reply.")
        for call in message.calls:
            if why := unfit(call.to_record(), _DEEPEST):
                raise FormatFault(f"A call {why}.")
        return message

    def _run(self, message: Message) -> list[ToolResult]:
        results = []
        for call in message.calls:
            result = run_call(self.toolbox, call)
            results.append(replace(result, output=_printable(result.output)))
            if self._ends(results[-1]):
                break
        return results

    def _refuse(self, action: str, why: str) -> Transition:
        observation = f"Error: {why} {self._format.manual()}"
        self._talk.reply(_printable(action[:_KEPT]))
        self._talk.user(observation)
        self._last = LastStep(parse_error=why)
        return Transition(observation, valid=False)

    def _facts(self) -> Facts:
        standing = self._standing()
        if self._instruction is None:
            self._instruction = system_text(self._policy(), self.toolbox, self._format, self._detail)
        last = self._last
        extra = {
            "messages": list(self._talk.messages),
            "tools": self._schemas,
            "tool_calls": list(last.calls),
            "tool_results": list(last.results),
            "parse_error": last.parse_error,
            "repaired": last.repaired,
            "reward_parts": dict(last.reward_parts),
            **self._more(),
        }
        return Facts(
            self._instruction,
            standing.state_key,
            standing.progress,
            standing.score,
            standing.success,
            extra=extra,
        )

    def _save(self) -> dict[str, Any]:
        return {
            "messages": list(self._talk.messages),
            "last": self._last.save(),
            "own": self._save_state(),
        }

    def _load(self, task: str, state: Any) -> None:
        talk, last = Conversation.load(state["messages"]), LastStep.load(state["last"])
        if not isinstance(state["own"], dict):
            raise DataError("its own state is none")
        self._load_state(task, state["own"])
        self._talk, self._last = talk, last


def _without_thoughts(text: str) -> str:
    """Leave out the thoughts that reasoning models write in front: `<think>...</think>`."""
    body = text.lstrip()
    if not body.startswith("<think>") or "</think>" not in body:
        return text
    return body.partition("</think>")[2]


def _printable(text: str) -> str:
    """Cut what is too long, and replace lone surrogates, which no tokenizer reads."""
    if len(text) > MAX_CHARACTERS:
        text = text[: MAX_CHARACTERS - 20] + "... (cut)"
    return text.encode("utf-8", "replace").decode("utf-8")


def _line(message: dict[str, Any]) -> str:
    calls = [
        f"{call['function'].get('name')}({call['function'].get('arguments')})"
        for call in message.get("tool_calls", ())
    ]
    return " ".join(filter(None, [message["content"], *calls]))
