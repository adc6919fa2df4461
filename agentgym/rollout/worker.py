"""The other end of `isolation.IsolatedEnv`: one environment, asked line by line.

    python -m agentgym.rollout.worker

Requests come on standard input, answers go to the file descriptor named in the first request, one JSON object
a line; what an environment prints is nobody's answer.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TextIO

from agentgym.api import TextEnv
from agentgym.errors import AgentGymError
from agentgym.registry import make_env

__all__ = ["json_value", "main"]

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG


def main() -> None:
    """Serve one environment until the input ends."""
    _follow_parent()
    opening = json.loads(sys.stdin.readline())
    with os.fdopen(opening["answers"], "w", encoding="ascii", newline="\n") as answers:
        made: list[TextEnv] = []
        _answer(answers, lambda: made.append(_make(opening)))
        for line in sys.stdin if made else ():
            _answer(answers, partial(_call, made[0], json.loads(line)))


def _make(opening: dict[str, Any]) -> TextEnv:
    importlib.import_module(opening["module"])
    return make_env(opening["id"], **opening["kwargs"])


def _call(env: TextEnv, request: dict[str, Any]) -> Any:
    match request["call"]:
        case "reset":
            return env.reset(seed=request["seed"], options=request["options"])
        case "step":
            return env.step(request["action"])
        case "oracle":
            return env.oracle_action()
        case "snapshot":
            return env.snapshot().decode("ascii")
        case "restore":
            return env.restore(request["snapshot"].encode("ascii"))
    raise ValueError(f"unknown call {request['call']!r}")


def _answer(answers: TextIO, work: Callable[[], Any]) -> None:
    try:
        line = json.dumps({"value": work()}, default=json_value)
    except AgentGymError as error:
        line = json.dumps({"mistake": str(error)})
    except Exception as error:
        line = json.dumps({"error": f"{type(error).__name__}: {error}"})
    answers.write(line + "\n")
    answers.flush()


def json_value(value: Any) -> Any:
    """Write numpy numbers and arrays as JSON.

    Raises:
        TypeError: The value is something else.
    """
    if not hasattr(value, "tolist"):
        raise TypeError(f"the environment returned a {type(value).__name__}, which JSON cannot hold")
    return value.tolist()


def _follow_parent() -> None:
    """Be killed when the parent dies, even if the environment hangs then (Linux alone)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


if __name__ == "__main__":
    main()
