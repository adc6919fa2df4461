"""The site's server: in a thread of its own for a browser that is driven, in the foreground for people."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from agentgym.errors import AgentGymError, require
from agentgym.listening import listen

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["Server"]

_LONGEST_REQUEST: Final = 4 << 20
"""Bytes of a request's head; a search of 100 kB takes up to nine times as much in an address."""

_PATIENCE_S: Final = 10.0


class Server:
    """A server that listens as soon as it is made.

    Args:
        app: The application.
        host: Address to listen at.
        port: Port to listen at; 0: one that is free.

    Raises:
        ArgumentError: The address or port cannot be had.
        MissingExtraError: uvicorn is not installed.
    """

    def __init__(self, app: FastAPI, *, host: str = "127.0.0.1", port: int = 0) -> None:
        uvicorn = require("uvicorn", extra="webshop", who="The WebShop site")
        self._socket = listen(host, port)
        self.host, self.port = self._socket.getsockname()[:2]
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            h11_max_incomplete_event_size=_LONGEST_REQUEST,
            timeout_graceful_shutdown=1,
        )
        self._server: Any = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address of the site, without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def run(self) -> None:
        """Serve until an interrupt."""
        self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Serve in a thread; returns when the first request can come."""
        self._thread = threading.Thread(target=self.run, name="webshop-site", daemon=True)
        self._thread.start()
        limit = time.monotonic() + _PATIENCE_S
        while not self._server.started:
            if time.monotonic() > limit or not self._thread.is_alive():
                raise AgentGymError(f"The WebShop site at {self.url} does not start.")
            time.sleep(0.002)

    def close(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._socket.close()
