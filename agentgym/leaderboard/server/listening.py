"""The server: listens as soon as it is made, and ends what it began before it goes."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from agentgym.errors import AgentGymError, require
from agentgym.listening import listen

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["Server", "is_loopback"]

_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_PATIENCE_S: Final = 30
"""How long a request may go on after the server was told to stop."""


def is_loopback(host: str) -> bool:
    """Whether an address to listen at is reached from this machine alone."""
    return host in _LOOPBACK


class Server:
    """A server of one application.

    Args:
        app: The application.
        host: Address to listen at.
        port: Port to listen at; 0: one that is free.
        proxies: Addresses of proxies whose word is taken for who calls and by which scheme.

    Raises:
        ArgumentError: The address or port cannot be had.
        MissingExtraError: uvicorn is not installed.
    """

    def __init__(
        self, app: FastAPI, *, host: str = "127.0.0.1", port: int = 0, proxies: tuple[str, ...] = ()
    ) -> None:
        uvicorn = require("uvicorn", extra="board", who="The leaderboard's server")
        self._socket = listen(host, port)
        self.host, self.port = self._socket.getsockname()[:2]
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            timeout_graceful_shutdown=_PATIENCE_S,
        )
        self._server: Any = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; requests that came before are answered."""
        if threading.current_thread() is not threading.main_thread():
            self._server.run(sockets=[self._socket])
            return
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with contextlib.suppress(KeyboardInterrupt):  # uvicorn hands a signal on when it is done
                self._server.run(sockets=[self._socket])
        finally:
            signal.signal(signal.SIGTERM, before)

    def start(self) -> None:
        """Serve in a thread; returns when the first request can come."""
        self._thread = threading.Thread(target=self.run, name="leaderboard-server", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise AgentGymError(f"The server at {self.url} does not start; its log says why.")
            time.sleep(0.002)

    def close(self) -> None:
        """Stop serving; requests that came before are answered."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._socket.close()
