"""A child process that is asked in lines of JSON and answers in lines of JSON."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping
from typing import IO, Any, Final

from agentgym.errors import AgentGymError

__all__ = ["Worker", "WorkerError"]

_MODULE: Final = "envs.alfworld.textworld.worker"
_CHUNK: Final = 1 << 16
_LAST_WORDS: Final = 1000
_GRACE_S: Final = 1.0


class WorkerError(AgentGymError):
    """The process in which TextWorld runs died, hung or could not play."""


class Worker:
    """The process. It ends with `close`, with the last reference to this object, or with the parent.

    Args:
        timeout_s: How long it may take to start.

    Raises:
        WorkerError: It does not start.
    """

    def __init__(self, timeout_s: float) -> None:
        self._rest = b""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - stays open as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "ALFWORLD_DATA": tempfile.gettempdir(), "PYTHONHASHSEED": "0"},
        )
        self.close = weakref.finalize(self, _end, self._process, self._errors)
        self._exchange(b"", timeout_s)

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked: it was not closed and never failed."""
        return bool(self.close.alive)

    def ask(self, request: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        """Send a request and wait for its answer, but not longer than `timeout_s`.

        Raises:
            WorkerError: The process died or hung, and is ended; or TextWorld raised. The message says which.
        """
        answer = self._exchange(json.dumps(request).encode("ascii") + b"\n", timeout_s)
        if "error" in answer:
            raise WorkerError(f"TextWorld cannot do this. It raised {answer['error']}")
        return answer

    def _exchange(self, line: bytes, timeout_s: float) -> dict[str, Any]:
        """Send a line and read one. Where this fails the process ends: a late answer must meet no request."""
        if not self.alive:
            raise WorkerError(f"TextWorld's process {self.pid} was ended. Call reset() to start another.")
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
            answer: dict[str, Any] = json.loads(self._read_line(timeout_s))
        except OSError as error:
            message = self._last_words(f"it is gone: {error}")
            self.close()
            raise WorkerError(message) from error
        except BaseException:
            self.close()
            raise
        return answer

    def _read_line(self, timeout_s: float) -> bytes:
        assert self._process.stdout is not None
        pipe, deadline = self._process.stdout.fileno(), time.monotonic() + timeout_s
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise WorkerError(self._last_words(f"it gave no answer within {timeout_s:g} s"))
                chunk = os.read(pipe, _CHUNK)
                if not chunk:
                    raise WorkerError(self._last_words("it ended by itself"))
                self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _last_words(self, what: str) -> str:
        """Say what happened to the process, and what it printed last."""
        size = os.fstat(self._errors.fileno()).st_size
        said = os.pread(self._errors.fileno(), _LAST_WORDS, max(0, size - _LAST_WORDS))
        printed = said.decode("utf-8", "replace").strip()
        return f"TextWorld's process {self.pid} cannot go on: {what}. Call reset() to start another." + (
            f" It printed last: {printed}" if printed else ""
        )


def _end(process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    """End the process by closing its input; by force where it does not obey."""
    assert process.stdin is not None and process.stdout is not None
    with contextlib.suppress(OSError):  # what was not sent yet goes nowhere
        process.stdin.close()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
    errors.close()
