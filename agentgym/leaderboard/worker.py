"""The process in which a submission is judged; see `agentgym.leaderboard.process`.

    python -m agentgym.leaderboard.worker

The first line of standard input is the request, the rest is the submission file. The answer is one JSON line
on the file descriptor that the request names.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib
import json
import mmap
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from agentgym.errors import MissingExtraError, SubmissionError, VerificationError
from agentgym.evaluation.expansion import ExpandedSuite
from agentgym.leaderboard.bundle import Limits, unpack
from agentgym.leaderboard.judging import Judgement, judge
from agentgym.leaderboard.process import POSITION

__all__ = ["main"]

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG
_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET
_SET_FLAGS: Final = 0x8914  # SIOCSIFFLAGS
_UP: Final = 1  # IFF_UP
_RESERVED: Final = 8
"""How many times its memory a process may reserve as addresses: a Java machine uses few of its own."""


def main() -> None:
    """Judge one submission and end."""
    request = json.loads(sys.stdin.buffer.readline())
    _confine(request["limits"])
    answer = _answer(request)
    with os.fdopen(request["answers"], "w", encoding="ascii", newline="\n") as answers:
        answers.write(json.dumps(answer) + "\n")


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    limits = Limits(**request["limits"]["bundle"])
    watch = _beat(request["position"])
    try:
        for module in request["modules"]:
            importlib.import_module(module)
        suite = ExpandedSuite.from_record(request["suite"])
        bundle = unpack(sys.stdin.buffer.read(limits.file_bytes + 1), limits)
        return {"judgement": asdict(judge(bundle, suite, limits, watch))}
    except MissingExtraError as error:
        return {"missing": str(error)}
    except VerificationError as error:
        return {"unable": str(error)}
    except SubmissionError as error:
        return {"judgement": asdict(Judgement(str(error), error.episode, error.turn))}
    except MemoryError:
        memory = request["limits"]["memory_bytes"] >> 20
        return {"judgement": asdict(Judgement(f"it needs more than {memory} MiB of memory"))}


def _beat(file: int) -> Callable[[int, int], None]:
    """Return a function that tells the parent where we are, at the cost of writing three numbers."""
    position = mmap.mmap(file, POSITION.size)
    beats = 0

    def beat(episode: int, turn: int) -> None:
        nonlocal beats
        beats += 1
        POSITION.pack_into(position, 0, episode, turn, beats)

    return beat


def _confine(limits: dict[str, Any]) -> None:
    """Bound what this process, and those that it starts, may take; leave the network where we may."""
    seconds = int(limits["total_s"]) + 1
    for kind, most in (
        (resource.RLIMIT_DATA, limits["memory_bytes"]),
        (resource.RLIMIT_AS, _RESERVED * limits["memory_bytes"]),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        ours = resource.getrlimit(kind)[1]
        most = most if ours == resource.RLIM_INFINITY else min(most, ours)
        resource.setrlimit(kind, (most, most))
    if sys.platform == "linux":
        system = ctypes.CDLL(None, use_errno=True)
        system.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if not limits["network"] and system.unshare(_NEW_NETWORK) == 0:  # refused to all but root
            _raise_loopback()


def _raise_loopback() -> None:
    """Switch on the loopback of a new network, which is ours alone: some environments are servers there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        fcntl.ioctl(asked, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


if __name__ == "__main__":
    main()
