"""The command line, run as people run it, and servers that it starts."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

__all__ = ["Running", "children", "command", "running", "until"]


@dataclass(frozen=True, slots=True)
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        """Its port."""
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """End it as the power does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def command(*arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
    """Run `agentgym leaderboard ...` to its end."""
    return subprocess.run(
        _words(*arguments), capture_output=True, text=True, check=False, env=options or None
    )


@contextmanager
def running(store: Path, *arguments: str) -> Iterator[Running]:
    """Run `agentgym leaderboard serve` on a free port."""
    words = _words("serve", "--port", "0", "--store", str(store), *arguments)
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        yield Running(process, _announced(process.stdout))
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def children(pid: int) -> set[int]:
    """Return the numbers of the processes that a process started."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(words[1]) == pid and words[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    while not holds():
        time.sleep(0.02)


def _words(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "agentgym", "leaderboard", *arguments]


def _announced(output: IO[str] | None) -> str:
    assert output is not None
    found = re.search(r"http://\S+", output.readline())
    assert found is not None, "the server does not start"
    return found[0]
