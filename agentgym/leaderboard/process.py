"""A process in which a stranger's submission is judged, and the watch over it."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from struct import Struct
from typing import IO, Any, Final

import gymnasium
from pydantic import TypeAdapter

from agentgym.errors import ArgumentError, MissingExtraError, VerificationError
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.leaderboard.bundle import Bundle, Limits
from agentgym.leaderboard.judging import Judgement

__all__ = ["POSITION", "VerifyLimits", "judge_apart"]

POSITION: Final = Struct("<qqq")
"""Where the judging is: episode, turn (-1: before the first), and a number that counts up at every step."""
_START_S: Final = 120.0
"""Least number of seconds until the first episode: environments are imported and compiled."""
_LOOK_EVERY_S: Final = 0.2
_LONGEST_ANSWER: Final = 64 << 20
_JUDGEMENT = TypeAdapter(Judgement)


@dataclass(frozen=True, slots=True)
class VerifyLimits:
    """What the judging of one submission may cost.

    Attributes:
        step_s: Seconds for one step, one start, or the opening of one episode.
        total_s: Seconds for all of it, on the clock and of the processor.
        memory_bytes: Private memory of each of its processes.
        file_bytes: Greatest file that it may write.
        network: Whether it may reach a network; where the system does not let us forbid it, it may.
        bundle: How large the submission and its parts may be.

    Raises:
        ArgumentError: A number is not positive.
    """

    step_s: float = 60.0
    total_s: float = 7_200.0
    memory_bytes: int = 4 << 30
    file_bytes: int = 256 << 20
    network: bool = False
    bundle: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if min(self.step_s, self.total_s, self.memory_bytes, self.file_bytes) <= 0:
            raise ArgumentError(f"{self}: every limit must be positive.")


def judge_apart(bundle: Bundle, suite: ExpandedSuite, limits: VerifyLimits) -> Judgement:
    """Judge a submission in a process of its own; see `agentgym.leaderboard.judging.judge`.

    A submission that breaks a limit, or the process, is refused; the episode and turn where it did are named.

    Raises:
        VerificationError: The suite cannot be played here, or the process does not start.
        MissingExtraError: It needs a package that is not installed.
    """
    with _process(bundle, suite, limits) as (process, answers, position):
        answer = _Watch(process, answers, position, limits).answer()
    if "missing" in answer:
        raise MissingExtraError(answer["missing"])
    if "unable" in answer:
        raise VerificationError(answer["unable"])
    return _JUDGEMENT.validate_python(answer["judgement"])


class _Watch:
    """Waits for the answer of a process as long as it goes on within its limits."""

    def __init__(
        self, process: subprocess.Popen[bytes], answers: int, position: mmap.mmap, limits: VerifyLimits
    ) -> None:
        self._process = process
        self._answers = answers
        self._position = position
        self._limits = limits

    def answer(self) -> dict[str, Any]:
        """Return what the process answers, or a judgement on its failure to."""
        read, begun = bytearray(), time.monotonic()
        beat, since = -1, begun
        while True:
            ready = select.select([self._answers], [], [], _LOOK_EVERY_S)[0]
            chunk = os.read(self._answers, 1 << 20) if ready else None
            read += chunk or b""
            if chunk == b"" or read.endswith(b"\n"):
                return self._parsed(bytes(read))
            now, present = time.monotonic(), POSITION.unpack(self._position[: POSITION.size])[2]
            if present != beat:
                begun = now if beat <= 0 else begun  # the clock starts with the first episode
                beat, since = present, now
            patience = self._limits.step_s if beat else max(_START_S, self._limits.step_s)
            if now - since > patience:
                return self._broken(f"it takes more than {patience:g} s here")
            if now - begun > self._limits.total_s:
                return self._broken(f"all of it takes more than {self._limits.total_s:g} s")
            if len(read) > _LONGEST_ANSWER:
                return self._broken("its summary is too long")

    def _parsed(self, line: bytes) -> dict[str, Any]:
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        status = self._process.returncode
        if -(status or 0) in (signal.SIGXCPU, signal.SIGKILL):
            return self._broken("it takes more processor time or memory than is allowed")
        return self._broken(f"the process that executes it ended with status {status}")

    def _broken(self, told: str) -> dict[str, Any]:
        episode, turn, beat = POSITION.unpack(self._position[: POSITION.size])
        if not beat:
            return {"unable": f"The process that verifies did not begin: {told}."}
        where = f"episode {episode}, turn {turn}" if turn >= 0 else f"episode {episode}, its start"
        found = Judgement(f"{where}: {told}", episode, max(turn, 0))
        return {"judgement": asdict(found)}


@contextmanager
def _process(
    bundle: Bundle, suite: ExpandedSuite, limits: VerifyLimits
) -> Iterator[tuple[subprocess.Popen[bytes], int, mmap.mmap]]:
    """Start the process, hand it the submission, and end it and all that it started."""
    answers, theirs = os.pipe()
    with tempfile.TemporaryFile() as file:
        file.truncate(POSITION.size)
        position = mmap.mmap(file.fileno(), POSITION.size)
        process = subprocess.Popen(
            [sys.executable, "-m", "agentgym.leaderboard.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs, file.fileno()],
            start_new_session=True,
        )
        os.close(theirs)
        request = {
            "answers": theirs,
            "position": file.fileno(),
            "modules": _modules(suite),
            "suite": suite.to_record(),
            "limits": asdict(limits),
        }
        assert process.stdin is not None
        feeder = threading.Thread(target=_feed, args=(process.stdin, request, bundle), daemon=True)
        feeder.start()
        try:
            yield process, answers, position
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            feeder.join()
            os.close(answers)
            position.close()


def _feed(requests: IO[bytes], request: dict[str, Any], bundle: Bundle) -> None:
    """Write request and submission; a process that has ended reads neither."""
    with contextlib.suppress(BrokenPipeError), requests:
        requests.write(json.dumps(request).encode("ascii") + b"\n")
        for frame in bundle.frames:
            requests.write(frame)


def _modules(suite: ExpandedSuite) -> list[str]:
    """List the modules of the suite's environments: a plugin's register themselves there."""
    specs = (gymnasium.registry.get(env_id) for env_id in {e.env_id for e in suite.episodes})
    return sorted({str(spec.entry_point).partition(":")[0] for spec in specs if spec is not None})
