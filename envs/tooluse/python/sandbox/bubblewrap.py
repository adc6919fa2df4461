"""The bubblewrap sandbox: namespaces, a file system of its own, no privileges, a filter, and limits."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from envs.tooluse.python.sandbox.identity import claimed_uid
from envs.tooluse.python.sandbox.limits import Limits, Outcome, SandboxError
from envs.tooluse.python.sandbox.running import BOOT, ENVIRONMENT, input_of, memory_file, outcome_of, wait
from envs.tooluse.python.sandbox.seccomp import filter_program

__all__ = ["BubblewrapSandbox"]

_PYTHON: Final = "/usr/bin/python3"
_NOBODY: Final = 65534
_INSTALL: Final = "Install it with: apt-get install bubblewrap (or: make setup-system)"
_ISOLATION: Final = (
    *("--unshare-all", "--unshare-user", "--uid", str(_NOBODY), "--gid", str(_NOBODY)),
    *("--cap-drop", "ALL", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"),
)


@dataclass(frozen=True)
class BubblewrapSandbox:
    """Runs Python code where it can reach nothing: no network, no files of the host, no other process.

    What it sees is an interpreter with its standard library, /dev/null, and an empty /tmp. There is no /proc:
    the host shows through it, and a container often may not mount it. Works as root, where each run takes
    another user id, and as an ordinary user who may make user namespaces.

    Attributes:
        limits: What a run may use.

    Raises:
        SandboxError: bubblewrap or an interpreter is missing, or a trial run fails.
    """

    limits: Limits = field(default_factory=Limits)
    _command: tuple[str, ...] = field(init=False, repr=False)
    _filter: bytes | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        bwrap = shutil.which("bwrap")
        if bwrap is None:
            raise SandboxError(f"Code of an agent runs in bubblewrap, which is not installed. {_INSTALL}")
        if not Path(_PYTHON).exists():
            raise SandboxError(
                f"Code of an agent runs in {_PYTHON}, which is not there. Install it: apt-get install python3"
            )
        object.__setattr__(self, "_command", (bwrap, *_ISOLATION, *_file_system(self.limits)))
        object.__setattr__(self, "_filter", filter_program(platform.machine()))
        told = self.run(["6 * 7"])
        if told != Outcome("ok", "42\n"):
            raise SandboxError(f"A trial run in bubblewrap fails, so no code will be run: {told}.")

    def run(self, cells: Sequence[str]) -> Outcome:
        """Run the cells of a notebook in a fresh interpreter; return what the last one printed.

        Raises:
            SandboxError: bubblewrap itself failed; the code was not run.
        """
        with ExitStack() as stack:
            uid = stack.enter_context(claimed_uid())
            printed, status = memory_file(stack), memory_file(stack)
            command = [*self._command, "--json-status-fd", str(status)]
            passed = [status]
            if self._filter is not None:
                passed.append(memory_file(stack, self._filter))
                command += ["--seccomp", str(passed[-1])]
            source = memory_file(stack, input_of(cells, self.limits))
            process = _start(
                [*command, "--", _PYTHON, "-s", "-S", "-B", "-c", BOOT], source, printed, passed, uid
            )
            stack.callback(_end, process)
            if not wait(process, self.limits.wall_s):
                return outcome_of(None, printed, self.limits)
            process.wait()
            exit_status = _exit_status(status)
            if exit_status is None:
                raise SandboxError(_failure(os.pread(printed, 300, 0)))
            return outcome_of(exit_status, printed, self.limits)


def _file_system(limits: Limits) -> list[str]:
    """Show the interpreter and its libraries, nothing else of /usr; only /tmp can be written to."""
    arguments = ["--ro-bind", str(Path(_PYTHON).resolve()), _PYTHON]
    for library in ("lib", "lib64"):
        arguments += ["--ro-bind-try", f"/usr/{library}", f"/usr/{library}"]
        if Path("/", library).is_symlink():
            arguments += ["--symlink", f"usr/{library}", f"/{library}"]
        else:
            arguments += ["--ro-bind-try", f"/{library}", f"/{library}"]
    arguments += ["--dev-bind", "/dev/null", "/dev/null"]
    arguments += [
        "--size",
        str(limits.disk_mb << 20),
        "--tmpfs",
        "/tmp",
        "--remount-ro",
        "/",
        "--chdir",
        "/tmp",
    ]
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    return arguments


def _start(
    command: list[str], source: int, printed: int, passed: list[int], uid: int | None
) -> subprocess.Popen[bytes]:
    """Start bubblewrap with descriptors of its input, its output and what else it reads."""
    user: dict[str, Any] = {} if uid is None else {"user": uid, "group": _NOBODY, "extra_groups": []}
    try:
        return subprocess.Popen(
            command, stdin=source, stdout=printed, stderr=printed, env={}, cwd="/", pass_fds=passed, **user
        )
    except OSError as error:
        raise SandboxError(f"bubblewrap cannot be started, so no code was run: {error}") from error


def _exit_status(report: int) -> int | None:
    """Read the status of the code from what bubblewrap reports; None where it did not come to run it."""
    lines = os.pread(report, 1 << 16, 0).splitlines()
    told = json.loads(lines[-1]) if lines else {}
    status = told.get("exit-code")
    return status if isinstance(status, int) else None


def _failure(printed: bytes) -> str:
    said = printed.decode("utf-8", "replace").strip()
    return (
        f"bubblewrap does not work here: {said!a}. Allow user namespaces (in a container: "
        "--security-opt seccomp=unconfined; on a host: sysctl user.max_user_namespaces=10000)."
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End bubblewrap, and with it, by --die-with-parent, all that runs inside."""
    process.kill()
    process.wait()
