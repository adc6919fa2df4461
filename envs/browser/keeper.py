"""The keeper: a process that starts chromedriver and ends it, and every browser of it, with whoever asked.

It runs as a script of its own, imports nothing of ours, and is told by the end of its input that nobody needs
it any longer; the kernel closes that even when the asking process was ended by kill -9. Processes that
chromedriver leaves behind become the keeper's children (it is their "subreaper"), so it finds and ends all.

    python keeper.py PARENT FOLDER CHROMEDRIVER [ARGUMENT ...]

It writes one line, chromedriver's port, and ends after removing FOLDER, where the browsers keep their files.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_PDEATHSIG = 1
_LOOK_EVERY_S = 1.0
_STARTED = re.compile(rb"started successfully on port (\d+)")


def main() -> None:
    """Keep one chromedriver."""
    parent, folder, *command = sys.argv[1:]
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(stop, lambda *_: sys.exit())
    try:
        driver = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": folder},
            # Should the keeper itself be killed, the driver goes, and the browsers on its pipes follow.
            preexec_fn=lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL),
        )
        _watch(driver, int(parent))
    finally:
        _end_descendants()
        shutil.rmtree(folder, ignore_errors=True)


def _watch(driver: subprocess.Popen[bytes], parent: int) -> None:
    """Tell the port, then wait for the end of the input, of the parent or of the driver."""
    assert driver.stdout is not None
    output, said, told = driver.stdout.fileno(), b"", False
    while os.getppid() == parent:
        ready, _, _ = select.select([0, output], [], [], _LOOK_EVERY_S)
        if 0 in ready and not os.read(0, 1024):
            return
        if output not in ready:
            continue
        chunk = os.read(output, 65536)
        if not chunk:
            return
        said = (said + chunk)[-65536:]
        port = None if told else _STARTED.search(said)
        if port is not None:
            told = True
            os.write(1, port[1] + b"\n")


def _end_descendants() -> None:
    """Kill children until there are none; theirs become ours as they end."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        for child in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.01)


def descendants(pid: int) -> list[int]:
    """List all processes below one."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text("utf-8", "replace")
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found, frontier = [], [pid]
    while frontier:
        above = frontier.pop()
        below = [child for child, parent in parents.items() if parent == above]
        found += below
        frontier += below
    return found


if __name__ == "__main__":
    main()
