"""Whether a task is done: by the final state and the last reply, or by a function of the user."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from agentgym.errors import ArgumentError
from envs.tooluse.mcp.task import McpTask

__all__ = ["Check", "checked", "judge", "read_check"]

Check = Callable[[Any, Sequence[Mapping[str, Any]]], float | bool]
"""Scores an episode, in [0, 1], by the server's final state (None where it has none) and the messages."""

_READ = 200  # characters of a reply: a long one could hold every answer


def judge(task: McpTask, state: Any, reply: str) -> float:
    """Score an episode: 1 where the state is the wanted one and the reply holds all outputs, else 0.

    Outputs count as whole words in the first 200 characters of the reply, whatever their case.
    """
    said = reply[:_READ].lower()
    outputs = all(re.search(rf"(?<!\w){re.escape(o.lower())}(?!\w)", said) for o in task.outputs)
    return float(outputs and (task.state is None or state == task.state))


def read_check(check: Check | str | None) -> Check | None:
    """Resolve `check=`.

    Raises:
        ArgumentError: It is neither a function nor the name of one.
    """
    if check is None or callable(check):
        return check
    module, colon, name = str(check).partition(":")
    try:
        found = getattr(importlib.import_module(module), name) if colon else None
    except (ImportError, AttributeError, ValueError) as error:
        raise ArgumentError(f"`check` is {check!r}, which cannot be found: {error}.") from error
    if not callable(found):
        raise ArgumentError(f"`check` is {check!r}. Pass a function, or its name as 'module:function'.")
    return found  # type: ignore[no-any-return]


def checked(check: Check, state: Any, messages: Sequence[Mapping[str, Any]]) -> float:
    """Ask the user's function for a score.

    Raises:
        ArgumentError: It returned no number in [0, 1].
    """
    score = check(state, messages)
    if not isinstance(score, int | float) or not isfinite(score) or not 0 <= score <= 1:
        raise ArgumentError(f"`check` returned {score!r}. It must return a number from 0 to 1, or a bool.")
    return float(score)
