"""Look at the processes of this host."""

from __future__ import annotations

import time
from pathlib import Path


def command_line(pid: int) -> str:
    """The command line of a process; "" where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def running(word: str) -> list[int]:
    """Processes whose command line holds a word."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if word in command_line(pid)]


def appears(pid: int, seconds: float = 5.0) -> bool:
    """Whether a process shows up soon."""
    deadline = time.monotonic() + seconds
    while not command_line(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(command_line(pid))


def gone(pid: int, seconds: float = 5.0) -> bool:
    """Whether a process ends soon."""
    deadline = time.monotonic() + seconds
    while command_line(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not command_line(pid)


def ended(word: str, seconds: float = 10.0) -> bool:
    """Whether all processes with a word in their command line end soon."""
    deadline = time.monotonic() + seconds
    while running(word) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not running(word)
