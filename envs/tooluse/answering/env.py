"""`AnswerEnv`: a tool environment with one question, whose episode ends with the agent's answer."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any, NamedTuple

from agentgym.api import Transition
from agentgym.errors import ArgumentError, DataError
from agentgym.hashing import canonical_json, state_key
from envs.tooluse.answering.text import answer_in
from envs.tooluse.core import Tool, ToolCall, ToolResult, tool, toolbox
from envs.tooluse.core.env import Outcome, Standing, ToolEnv
from envs.tooluse.formats import Message

__all__ = ["AnswerEnv", "Judgement", "amount"]


class Judgement(NamedTuple):
    """What an answer is worth.

    Attributes:
        score: In [0, 1].
        correct: Whether it counts as right.
    """

    score: float
    correct: bool


def amount(name: str, value: float) -> float:
    """Check a part of the reward that an environment is given as an argument.

    Raises:
        ArgumentError: It is no finite number of at least 0.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not (isfinite(value) and value >= 0):
        raise ArgumentError(f"`{name}` is {value!r}. It must be a number of 0 or more.")
    return float(value)


def answer(value: str) -> str:
    """Give the final answer. This ends the task.

    Args:
        value: The answer alone, without a sentence around it.
    """
    return value


_ANSWER = tool(answer)


class AnswerEnv(ToolEnv):
    r"""A question, tools to work on it with, and one answer.

    The answer is given by the tool `answer`, or by a reply that holds `<answer>...</answer>` or
    `\boxed{...}`. Any other reply costs a step, and the agent is told how to answer.

    A family implements `_look`, `_question`, `_policy`, `_tools`, `_judge`, `reference_answer` and
    `oracle_action`, and, where its tools leave something behind, `_work`, `_save_work` and `_load_work`.

    Args:
        format_penalty: Taken from the reward for each action that cannot be read and for each reply without
            an answer.
        **core: Arguments of `ToolEnv`.

    Raises:
        ArgumentError: The penalty is negative or not finite.
    """

    def __init__(self, *, format_penalty: float = 0.0, **core: Any) -> None:
        super().__init__(**core)
        penalty = amount("format_penalty", format_penalty)
        self._penalty = {"format": -penalty} if penalty else {}
        self._given: str | None = None
        self._verdict = Judgement(0.0, False)

    # ---- hooks of a family -------------------------------------------------------------------------------

    @abc.abstractmethod
    def _look(self, task: str) -> None:
        """Take up a task, with nothing done yet."""

    @abc.abstractmethod
    def _question(self) -> str:
        """Return the question, as the agent first sees it."""

    @abc.abstractmethod
    def _tools(self) -> Iterable[Tool]:
        """Return the tools to work with."""

    def _answer_tool(self) -> Tool:
        """Return the tool that takes the answer: named `answer`, with a parameter `value`."""
        return _ANSWER

    @abc.abstractmethod
    def _judge(self, given: str) -> Judgement:
        """Judge an answer."""

    @abc.abstractmethod
    def reference_answer(self) -> tuple[str, ...]:
        """Return the accepted answers of the present task.

        For methods that need the truth, such as information gain. It is in no observation and in no `info`,
        so that no agent is shown it by accident.
        """

    def _work(self) -> Any:
        """Return, as a JSON value, what of the work decides the future."""
        return None

    def _save_work(self) -> Any:
        """Return the work as a JSON value."""
        return None

    def _load_work(self, task: str, work: Any) -> None:
        """Take up what `_save_work` returned. Untrusted: raise before changing anything."""
        if work is not None:
            raise DataError("its work is none of this environment")
        self._look(task)

    def _more(self) -> dict[str, Any]:
        """Leave the answer out of the calls: methods that count calls mean those that look something up."""
        said = zip(self._last.calls, self._last.results, strict=True)
        worked = [(call, result) for call, result in said if call["name"] != _ANSWER.name]
        return {"tool_calls": [call for call, _ in worked], "tool_results": [result for _, result in worked]}

    def _bonus(self) -> dict[str, float]:
        """Return what is added to the reward of an answer that earned something, by name."""
        return {}

    def _advance(self) -> float:
        """Return how much of the work is done, in [0, 1], while there is no answer."""
        return 0.0

    # ---- the hooks of ToolEnv ----------------------------------------------------------------------------

    def _open(self, task: str) -> str:
        self._look(task)
        self._given, self._verdict = None, Judgement(0.0, False)
        self._equip(toolbox((*self._tools(), self._answer_tool())))
        return self._question()

    def _reply(self, text: str) -> Outcome:
        given = answer_in(text)
        if given is None:
            advice = f"This reply holds no answer. {self._format.manual()} End with the tool answer."
            return Outcome(advice, sum(self._penalty.values()), parts=self._penalty)
        return self._finish(given)

    def _ends(self, result: ToolResult) -> bool:
        return result.ran and result.call.name == _ANSWER.name

    def _settle(self, results: Sequence[ToolResult]) -> Outcome:
        if self._ends(results[-1]):
            return self._finish(str(results[-1].call.arguments["value"]))
        return Outcome(self._format.answer(results))

    def _refuse(self, action: str, why: str) -> Transition:
        refused = super()._refuse(action, why)
        self._last = replace(self._last, reward_parts=dict(self._penalty))
        return refused._replace(reward=sum(self._penalty.values(), 0.0))

    def _finish(self, given: str) -> Outcome:
        self._given, self._verdict = given, self._judge(given)
        parts = {"answer": self._verdict.score}
        if self._verdict.score > 0:
            parts |= self._bonus()
        said = "The answer is correct." if self._verdict.correct else "The answer is not correct."
        return Outcome(said, sum(parts.values()), terminated=True, parts=parts)

    def _standing(self) -> Standing:
        key = state_key(canonical_json([self.task_id, self._given, self._work()]))
        score, correct = self._verdict
        progress = self._advance() if self._given is None else score
        return Standing(key, progress, score, correct)

    def _save_state(self) -> dict[str, Any]:
        return {"given": self._given, "work": self._save_work()}

    def _load_state(self, task: str, state: Any) -> None:
        given = state["given"]
        if not isinstance(given, str | None):
            raise DataError("its answer is no text")
        self._load_work(task, state["work"])
        self._given = given
        self._verdict = Judgement(0.0, False) if given is None else self._judge(given)
        self._equip(toolbox((*self._tools(), self._answer_tool())))

    # ---- what experts use --------------------------------------------------------------------------------

    def _call(self, name: str, **arguments: Any) -> str:
        """Write a call in the action format."""
        return self._write(Message((ToolCall(name, arguments),)))
