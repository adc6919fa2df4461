"""Start a process whose input and output are memory files, and end it in time."""

from __future__ import annotations

import os
import re
import select
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.resources import files
from typing import Final

from envs.tooluse.python.sandbox.limits import Ending, Limits, Outcome

__all__ = ["BOOT", "ENVIRONMENT", "input_of", "memory_file", "outcome_of", "wait"]

BOOT: Final = files(__package__).joinpath("boot.py").read_text("utf-8")
"""The program that runs the cells."""

ENVIRONMENT: Final = {"PATH": "/usr/bin", "PYTHONUTF8": "1", "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}
"""All that the code finds in its environment: nothing of ours, and no salt for its hashes."""

_ADDRESS: Final = re.compile(r"\bat 0x[0-9a-f]{6,}")
_CPU_SIGNAL: Final = 24


def memory_file(stack: ExitStack, content: bytes = b"") -> int:
    """Open a file in memory; return its descriptor, which `stack` closes."""
    descriptor = os.memfd_create("sandbox")
    stack.callback(os.close, descriptor)
    if content:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def input_of(cells: Sequence[str], limits: Limits) -> bytes:
    """Write what `boot.py` reads."""
    encoded = [cell.encode("utf-8", "replace") for cell in cells]
    numbers = (limits.cpu_s, limits.memory_mb << 20, limits.file_kb << 10, limits.processes)
    header = " ".join(map(str, (*numbers, *map(len, encoded))))
    return header.encode("ascii") + b"\n" + b"".join(encoded)


def wait(process: subprocess.Popen[bytes], wall_s: float) -> bool:
    """Wait until the process ends; False where it did not in time. Wakes at once, unlike `Popen.wait`."""
    descriptor = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(wall_s * 1000))
    finally:
        os.close(descriptor)


def outcome_of(status: int | None, printed: int, limits: Limits) -> Outcome:
    """Say what came of a run.

    Args:
        status: Exit status, 128 + number for a signal; None where it was ended for taking too long.
        printed: Descriptor of the file that took the output.
        limits: Its limits.
    """
    size = os.fstat(printed).st_size
    text = os.pread(printed, min(size, limits.file_kb << 10), 0).decode("utf-8", "replace")
    if size >= limits.file_kb << 10:
        text += f"\n[The output was cut at {limits.file_kb} KiB.]"
    return Outcome(_ending(status), _shorten(_printable(text), limits.shown))


def _ending(status: int | None) -> Ending:
    if status is None:
        return "time"
    if status == 128 + _CPU_SIGNAL:
        return "cpu"
    return "ok" if status == 0 else "killed" if status > 128 else "error"


_CONTROLS: Final[Mapping[int, str]] = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"
}


def _printable(text: str) -> str:
    """Escape control characters, and leave out addresses: they differ from run to run."""
    return _ADDRESS.sub("at 0x...", text.replace("\r\n", "\n").translate(dict(_CONTROLS)))


def _shorten(text: str, shown: int) -> str:
    if len(text) <= shown:
        return text
    half = shown // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"
