"""A real PostgreSQL server of our own: in a temporary folder, on a Unix socket, gone when the tests end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

__all__ = ["Server", "binaries", "server"]

_DEBIAN = Path("/usr/lib/postgresql")
_START_S = 60


def binaries() -> Path | None:
    """Find the newest server that Debian's package installed, or the one on the path."""
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Server:
    """A running server, as the superuser that made it."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries, self._folder = binaries, folder
        self._numbers = count(1)
        self._as_user = _unprivileged()
        self._process: subprocess.Popen[bytes] | None = None
        folder.chmod(0o755)
        (folder / "socket").mkdir()
        if self._as_user:
            for path in (folder, folder / "socket"):
                os.chown(path, self._as_user["user"], self._as_user["group"])
        self._run(
            "initdb", "-D", str(folder / "data"), "-U", "agentgym", "-A", "trust", "-E", "UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [
                str(self._binaries / "postgres"), "-D", str(self._folder / "data"), "-k", str(self._socket),
                "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=100",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as_user,
        )  # fmt: skip
        until = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("PostgreSQL did not start.")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop it at once, without a last checkpoint, or by another signal."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()

    def new_database(self) -> str:
        """Return the URL of an empty place for tables: a schema, which is made sooner than a database."""
        name = f"board{next(self._numbers)}"
        self.sql(f"CREATE SCHEMA {name}")
        return f"postgresql://agentgym@/postgres?host={self._socket}&options=-csearch_path%3D{name}"

    def sql(self, statement: str) -> None:
        """Execute a statement by itself."""
        import psycopg

        connection = psycopg.connect(
            host=str(self._socket), user="agentgym", dbname="postgres", autocommit=True
        )
        with connection:
            connection.execute(statement.encode())

    @property
    def _socket(self) -> Path:
        return self._folder / "socket"

    def _answers(self) -> bool:
        import psycopg

        try:
            self.sql("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / name), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            **self._as_user,
        )


@contextmanager
def server(binaries: Path) -> Iterator[Server]:
    """Run a server as long as it is needed."""
    folder = Path(tempfile.mkdtemp(prefix="agentgym-pg-"))  # short: a socket's path has 107 characters
    running = Server(binaries, folder)
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: become the package's own user, or nobody."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("There is no unprivileged user to run PostgreSQL as.")
