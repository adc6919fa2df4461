"""A reckoner without a model: it types what the question shows into the calculator.

It evaluates expressions, and solves linear equations by their values at 0 and 1. Whatever else is asked, it
does not know. It stands between the floor and the oracle, and shows what a score is worth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agentgym.trajectory import Decision, Turn
from envs.tooluse.core import Tool, ToolCall, toolbox
from envs.tooluse.formats import Message, format_named

__all__ = ["ReckonerAgent"]

_EXPRESSION: Final = re.compile(r"Compute (.+?)\. Give")
_EQUATION: Final = re.compile(r"Solve (.+?) = (.+?) for x\. Give")


class ReckonerAgent:
    """Answers the questions of PythonMath that a calculator can answer.

    Args:
        action_format: The format that the environment reads.
    """

    spec = "reckoner"
    wants_oracle = False

    def __init__(self, action_format: str = "hermes") -> None:
        self._format = format_named(action_format)

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn: first the calculator, then what it said."""
        return [Decision(self._answer(turn)) for turn in turns]

    def _answer(self, turn: Turn) -> str:
        extra = turn.info["extra"]
        question = turn.history[0].observation if turn.history else turn.observation
        expression = _expression(question)
        if turn.history and extra["tool_results"]:
            call = ToolCall("answer", {"value": extra["tool_results"][-1].partition(" (about")[0]})
        elif turn.history or expression is None:
            call = ToolCall("answer", {"value": "unknown"})
        else:
            call = ToolCall("calculator", {"expression": expression})
        return self._format.write(
            Message((call,)), toolbox(Tool.from_openai(t, dict) for t in extra["tools"])
        )


def _expression(question: str) -> str | None:
    """Find what to type: for f(x) = g(x), both linear, the root is f - g at 0 over its fall from 0 to 1."""
    shown = _EXPRESSION.search(question)
    if shown:
        return shown[1]
    sides = _EQUATION.search(question)
    if sides is None:
        return None
    at = {x: f"({_put(sides[1], x)}) - ({_put(sides[2], x)})" for x in (0, 1)}
    return f"({at[0]}) / (({at[0]}) - ({at[1]}))"


def _put(side: str, x: int) -> str:
    return re.sub(r"(\d)x", rf"\1*{x}", side).replace("x", str(x))
