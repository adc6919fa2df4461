"""Worker processes beside the server: started with it, replaced when they die, ended with it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from typing import Final

__all__ = ["Workers"]

_LOOK_EVERY_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 60.0
_PATIENCE_S: Final = 10.0


class Workers:
    """Processes that verify the uploads of a store; a context, in which they run.

    Each hangs on a pipe to this process: however this one ends, they end as well.

    Args:
        store: Address of the store; handed over by environment, since it may hold a password.
        count: Number of processes.
    """

    def __init__(self, store: str, count: int) -> None:
        self._environment = {**os.environ, "AGENTGYM_STORE": store}
        self._processes = [self._start() for _ in range(count)]
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="leaderboard-workers", daemon=True)

    @property
    def pids(self) -> tuple[int, ...]:
        """Numbers of the processes."""
        return tuple(process.pid for process in self._processes)

    def __enter__(self) -> Workers:
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._keeper.join()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._let_go(process)

    def _keep(self) -> None:
        """Replace who died, ever more slowly where one after the other does."""
        pause_s, begun = 1.0, time.monotonic()
        while not self._closing.wait(_LOOK_EVERY_S):
            for place, process in enumerate(self._processes):
                if process.poll() is None:
                    continue
                lasted = time.monotonic() - begun
                pause_s = 1.0 if lasted > _LONGEST_PAUSE_S else min(2 * pause_s, _LONGEST_PAUSE_S)
                if self._closing.wait(pause_s):
                    return
                self._let_go(process)
                self._processes[place], begun = self._start(), time.monotonic()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "agentgym", "leaderboard", "work", "--attached"],
            env=self._environment,
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches the server alone, which then ends us in order
        )

    @staticmethod
    def _let_go(process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
