"""Environments in processes of their own: one that hangs, dies or raises is replaced; nobody waits for it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import gymnasium

from agentgym.errors import ArgumentError

__all__ = ["IsolatedEnv", "Isolation", "WorkerError"]


_START_S: Final = 60.0
"""Least number of seconds that a process has to begin."""
_LONGEST: Final = 1 << 24
"""Greatest number of bytes of an answer."""


class WorkerError(RuntimeError):
    """An environment's process hangs, has died, or its environment raised."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """How far an environment is trusted.

    Attributes:
        limit_s: Seconds that a call may take.
        retries: How often an episode whose environment failed is played again from its start before it
            counts as a failure.

    Raises:
        ArgumentError: A number is out of range.
    """

    limit_s: float = 60.0
    retries: int = 1

    def __post_init__(self) -> None:
        if self.limit_s <= 0 or self.retries < 0:
            raise ArgumentError(
                f"limit_s={self.limit_s}, retries={self.retries}: the first must be positive, the other at "
                "least 0."
            )


class IsolatedEnv:
    """An environment in a child process: `reset`, `step`, `oracle_action`, `snapshot`, `restore`, `close`.

    What passes is JSON, so tuples within `info["extra"]` come back as lists.

    Args:
        env_id: Registered id.
        kwargs: Constructor arguments (JSON values).
        limit_s: Seconds that a call may take.

    Raises:
        ArgumentError: The environment cannot be made.
        WorkerError: The process does not answer.
    """

    def __init__(self, env_id: str, kwargs: Mapping[str, Any], *, limit_s: float) -> None:
        self._limit_s = max(limit_s, _START_S)
        self._unread = b""
        self._posted = False
        self._deadline = 0.0
        self._answers, theirs = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agentgym.rollout.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=[theirs],
            start_new_session=True,
        )
        os.close(theirs)
        assert self._process.stdin is not None
        self._requests = self._process.stdin
        os.set_blocking(self._requests.fileno(), False)
        known = gymnasium.registry.get(env_id)  # an id of a plugin is registered where its class is
        module = str(known.entry_point).partition(":")[0] if known is not None else "agentgym"
        try:
            self._ask({"answers": theirs, "module": module, "id": env_id, "kwargs": dict(kwargs)})
        except BaseException:
            self.close()
            raise
        self._limit_s = limit_s

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Start an episode; see `TextEnv.reset`."""
        observation, info = self._ask({"call": "reset", "seed": seed, "options": options})
        return observation, _info(info)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Act, or take the outcome of the action that was posted; see `TextEnv.step`."""
        if not self._posted:
            self.post_step(action)
        self._posted = False
        observation, reward, terminated, truncated, info = self._answer()
        return observation, reward, terminated, truncated, _info(info)

    def post_step(self, action: str) -> None:
        """Begin to act: many environments then act at once."""
        self._posted = True
        self._send({"call": "step", "action": action})

    def answered(self) -> bool:
        """Whether `step` would take the outcome of the action that was posted without waiting long."""
        if self._answers < 0 or b"\n" in self._unread or time.monotonic() > self._deadline:
            return True
        return bool(select.select([self._answers], [], [], 0)[0])

    def oracle_action(self) -> str:
        """Return the expert's action."""
        return str(self._ask({"call": "oracle"}))

    def snapshot(self) -> bytes:
        """Freeze the episode; see `TextEnv.snapshot`."""
        return str(self._ask({"call": "snapshot"})).encode("ascii")

    def restore(self, snapshot: bytes) -> None:
        """Take up an episode; see `TextEnv.restore`."""
        self._ask({"call": "restore", "snapshot": snapshot.decode("ascii")})

    def close(self) -> None:
        """End the process and all that it has started."""
        if self._answers < 0:
            return
        self._kill()
        self._process.wait()
        self._requests.close()
        os.close(self._answers)
        self._answers = -1

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _ask(self, request: Mapping[str, Any]) -> Any:
        self._send(request)
        return self._answer()

    def _send(self, request: Mapping[str, Any]) -> None:
        """Send a request. A process that is gone, or does not read, shows when its answer is read."""
        if self._answers < 0:
            return
        left = json.dumps(request).encode("ascii") + b"\n"
        self._deadline = deadline = time.monotonic() + self._limit_s
        with contextlib.suppress(BrokenPipeError):
            while left:
                wait = max(0.0, deadline - time.monotonic())
                if not select.select([], [self._requests], [], wait)[1]:
                    return self._kill()
                left = left[os.write(self._requests.fileno(), left) :]
        return None

    def _answer(self) -> Any:
        answer = json.loads(self._line())
        if "mistake" in answer:
            raise ArgumentError(answer["mistake"])
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer["value"]

    def _line(self) -> bytes:
        if self._answers < 0:
            raise WorkerError("the environment is closed")
        while b"\n" not in self._unread:
            left = max(0.0, self._deadline - time.monotonic())
            if not select.select([self._answers], [], [], left)[0]:
                raise WorkerError(f"the environment has not answered within {self._limit_s:g} s")
            chunk = os.read(self._answers, 1 << 16)
            if not chunk:
                raise WorkerError(f"the environment's process has ended ({self._status()})")
            self._unread += chunk
            if len(self._unread) > _LONGEST:
                raise WorkerError(f"too long an answer: more than {_LONGEST} bytes")
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _status(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        return f"status {self._process.returncode}"


def _info(info: dict[str, Any]) -> dict[str, Any]:
    actions = info["admissible_actions"]
    return {**info, "admissible_actions": None if actions is None else tuple(actions)}
