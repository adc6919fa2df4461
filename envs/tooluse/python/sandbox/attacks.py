"""What strangers' code may try, and how each attempt must end: run by `agentgym doctor` and by the tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

from envs.tooluse.python.sandbox.limits import Ending, Limits, Outcome

__all__ = ["ATTACKS", "LIMITS", "Attack"]

LIMITS: Final = Limits(cpu_s=1, wall_s=3.0, memory_mb=128)
"""Limits under which the attacks are run."""


@dataclass(frozen=True, slots=True)
class Attack:
    """Code that tries something, and the signs that it failed.

    Attributes:
        name: What it tries.
        body: The code, indented at will. `attempt(name, act)` prints the number of the OSError that
            `act` raises, `told(result)` is that of a call of `libc`; "allowed" where there is none.
        ending: How its run must end. Where that is at a limit of CPU time, the limit of the clock may be
            met first on a busy machine.
        shows: A pattern that all of its output must match.
    """

    name: str
    body: str
    ending: Ending = "ok"
    shows: str = ""

    @property
    def code(self) -> str:
        """The code, with the functions that it calls."""
        body = dedent(self.body)
        return (_ATTEMPT if "attempt(" in body else "") + (_LIBC if "libc." in body else "") + body

    def held(self, outcome: Outcome) -> bool:
        """Whether this outcome is the required one."""
        endings = (self.ending, "time") if self.ending in ("cpu", "killed") else (self.ending,)
        return outcome.ending in endings and re.fullmatch(self.shows, outcome.output, re.DOTALL) is not None


_ATTEMPT: Final = """
import os
def attempt(name, act):
    try:
        act()
    except OSError as error:
        print(name, error.errno)
    else:
        print(name, "allowed")
"""
_LIBC: Final = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def told(result):
    return "allowed" if result >= 0 else ctypes.get_errno()
"""

_REACH: Final = (
    Attack(
        "reach the network",
        """
        import socket
        attempt("net", lambda: socket.create_connection(("1.1.1.1", 53), 2))
        """,
        shows=r"net 101\n",
    ),
    Attack(
        "ask the host's name service",
        """
        import socket
        try:
            socket.getaddrinfo("example.com", 80)
        except socket.gaierror:
            print("no answer")
        """,
        shows=r"no answer\n",
    ),
    Attack(
        "read the host's files",
        """
        for name in ("etc/passwd", "etc/shadow", "root", "home", "sys", "var", "run", "opt", "usr/share"):
            attempt(name, lambda: os.stat("/" + name))
        """,
        shows=r"(\S+ 2\n){9}",
    ),
    Attack(
        "read /proc of the host",
        """
        for name in ("/proc", "/proc/1/environ", "/proc/self/maps", "/proc/sys/kernel/hostname"):
            attempt(name, lambda: os.stat(name))
        """,
        shows=r"(\S+ 2\n){4}",
    ),
    Attack("see the host's devices", "import os\nos.listdir('/dev')", shows=r"\['null'\]\n"),
    Attack(
        "follow a link out of /tmp",
        """
        import os
        os.symlink("/etc/passwd", "a")
        os.symlink("../../../etc/shadow", "b")
        for name in "ab":
            attempt(name, lambda: open(name))
        """,
        shows=r"a 2\nb 2\n",
    ),
    Attack(
        "see our environment",
        "import os\n' '.join(sorted(os.environ))",
        shows=r"'((LANG|LC_CTYPE|PATH|PWD|PYTHON\w+) ?)+'\n",
    ),
    Attack(
        "use an inherited descriptor",
        """
        for descriptor in range(3, 32):
            attempt(descriptor, lambda: os.fstat(descriptor))
        """,
        shows=r"(\d+ 9\n){29}",
    ),
    Attack(
        "learn where it runs",
        "import os\nprint(os.uname().nodename, os.getuid(), os.getppid())",
        shows=r"sandbox 65534 1\n",
    ),
)

_CHANGE: Final = (
    Attack(
        "write outside /tmp",
        """
        for name in ("/x", "/dev/x", "/usr/lib/x", "/usr/bin/python3"):
            attempt(name, lambda: open(name, "w"))
        """,
        shows=r"(\S+ 30\n){4}",
    ),
    Attack(
        "become root",
        """
        attempt("user", lambda: os.setuid(0))
        attempt("group", lambda: os.setgid(0))
        attempt("groups", lambda: os.setgroups([0]))
        attempt("root", lambda: os.chroot("/tmp"))
        """,
        shows=r"user (1|22)\ngroup (1|22)\ngroups 1\nroot 1\n",
    ),
    Attack(
        "make a device",
        """
        import stat
        attempt("memory", lambda: os.mknod("memory", stat.S_IFCHR | 0o666, os.makedev(1, 1)))
        """,
        shows=r"memory 1\n",
    ),
    Attack(
        "mount, or make a namespace",
        """
        print(told(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)))
        for namespace in (0x10000000, 0x20000, 0x40000000):
            print(told(libc.unshare(namespace)))
        """,
        shows=r"(1\n){4}",
    ),
    Attack(
        "trace or read another process",
        """
        attach = 16
        print(told(libc.ptrace(attach, 1, 0, 0)))
        print(told(libc.process_vm_readv(1, 0, 0, 0, 0, 0)))
        """,
        shows=r"(1\n){2}",
    ),
    Attack(
        "kill other processes",
        """
        import os, signal
        os.kill(1, signal.SIGKILL)
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            print("alone")
        """,
        shows=r"alone\n",
    ),
    Attack(
        "raise its own limits",
        """
        import resource
        for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
            try:
                resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            except ValueError:
                print("refused")
        """,
        shows=r"(refused\n){4}",
    ),
)

_EXHAUST: Final = (
    Attack("loop for ever", "while True: pass", "cpu"),
    Attack("compute 9**9**9", "9**9**9", "cpu"),
    Attack(
        "ignore the signal of the CPU limit",
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "killed",
    ),
    Attack("sleep", "import time\ntime.sleep(60)", "time"),
    Attack("recurse for ever", "def f(): f()\nf()", "error", r"Traceback.*RecursionError: .*"),
    Attack("allocate 2 GiB", "bytearray(2 << 30)", "error", r"Traceback.*MemoryError\n"),
    Attack(
        "keep memory that is not its own",
        """
        print(told(libc.memfd_create(b"x", 0)))
        print(told(libc.shmget(0, 1 << 30, 0o1666)))
        print(told(libc.msgget(0, 0o1666)))
        """,
        shows=r"(1\n){3}",
    ),
    Attack(
        "write a big file",
        "attempt('big', lambda: open('big', 'wb').write(bytes(64 << 20)))",
        shows=r"big 27\n",
    ),
    Attack(
        "fill the disk with files",
        """
        for number in range(10_000):
            try:
                with open(str(number), "wb") as file:
                    file.write(bytes(1 << 19))
            except OSError as error:
                print(number, error.errno)
                break
        """,
        shows=r"\d\d? 28\n",
    ),
    Attack(
        "fork bomb",
        """
        import os, time
        for number in range(10_000):
            try:
                if os.fork() == 0:
                    time.sleep(9)
                    os._exit(0)
            except OSError as error:
                print(number, error.errno)
                break
        """,
        shows=r"\d 11\n",
    ),
    Attack(
        "thread bomb",
        """
        import threading
        for number in range(10_000):
            try:
                threading.Thread(target=threading.Event().wait, daemon=True).start()
            except RuntimeError:
                print(number)
                break
        """,
        shows=r"\d\n",
    ),
    Attack("flood the output", "while True: print('x' * 10**5)", "error", r"x.*The output was cut.*"),
    Attack(
        "flood standard error",
        "import sys\nwhile True: sys.stderr.write('x' * 10**5)",
        "error",
        r"x.*The output was cut.*",
    ),
)

_CONFUSE: Final = (
    Attack("close the output", "import os\nos.close(1); os.close(2); os._exit(0)"),
    Attack(
        "print binary garbage",
        "import os\nos.write(1, bytes(range(256)))",
        shows=r"\\x00[^\x00-\x08\x0b-\x1f\x7f-\x9f]*256\n",
    ),
    Attack(
        "pass for the sandbox",
        "import os\nprint('bwrap: No permissions', flush=True)\nos._exit(1)",
        "error",
        r"bwrap: No permissions\n",
    ),
    Attack("die by a signal", "import os\nos.kill(os.getpid(), 11)", "killed"),
)

ATTACKS: Final = (*_REACH, *_CHANGE, *_EXHAUST, *_CONFUSE)
"""The table."""
