"""Children that die by kill -9 at a chosen moment of their writing."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["in_a_child", "kill_at"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def in_a_child(work: Callable[[], None]) -> int:
    """Run something in a fork of this process; return how it ended, as `Popen.returncode` says."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(7)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_at(boundary: int, folder: Path) -> None:
    """Let this process die by kill -9 when it touches a folder for the n-th time, amid a write."""
    left = [boundary]

    def passed() -> bool:
        left[0] -= 1
        return left[0] < 0

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        ours = bool(arguments) and str(arguments[0]).startswith(str(folder))
        writes = event in ("os.rename", "os.truncate", "os.mkdir", "os.remove", "os.rmdir")
        if ours and (writes or (event == "open" and int(arguments[2]) & _WRITING)) and passed():
            os.kill(os.getpid(), signal.SIGKILL)

    write = os.write

    def torn(file: int, data: Any) -> int:
        if passed():
            write(file, bytes(data)[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return write(file, data)

    os.write = torn
    sys.addaudithook(audit)
