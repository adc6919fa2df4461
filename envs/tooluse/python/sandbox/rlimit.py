"""The unsafe stand-in: limits without walls. The code can read and reach whatever this user can."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from envs.tooluse.python.sandbox.limits import Limits, Outcome
from envs.tooluse.python.sandbox.running import BOOT, ENVIRONMENT, input_of, memory_file, outcome_of, wait

__all__ = ["RlimitProcess"]


@dataclass(frozen=True)
class RlimitProcess:
    """Runs Python code as a child process of this user, with limits alone. Only for code that you trust.

    Attributes:
        limits: What a run may use. As root, `processes` does not hold.
    """

    limits: Limits = field(default_factory=Limits)

    def run(self, cells: Sequence[str]) -> Outcome:
        """Run the cells of a notebook in a fresh interpreter; return what the last one printed."""
        with ExitStack() as stack:
            printed = memory_file(stack)
            process = subprocess.Popen(
                [sys.executable, "-s", "-S", "-B", "-c", BOOT],
                stdin=memory_file(stack, input_of(cells, self.limits)),
                stdout=printed,
                stderr=printed,
                env=ENVIRONMENT,
                cwd=stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)),
                start_new_session=True,
            )
            stack.callback(_end, process)
            if not wait(process, self.limits.wall_s):
                return outcome_of(None, printed, self.limits)
            status = process.wait()
            return outcome_of(status if status >= 0 else 128 - status, printed, self.limits)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
