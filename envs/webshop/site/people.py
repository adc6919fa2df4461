"""The site for people: whoever comes gets a goal."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Protocol

from envs.webshop.session import Session
from envs.webshop.site.app import make_app
from envs.webshop.site.server import Server
from envs.webshop.site.visits import Visits

__all__ = ["receive_people"]


class Host(Protocol):
    """What hands out goals: an environment that was reset."""

    @property
    def session(self) -> Session:
        """The present session."""
        ...

    @property
    def task_id(self) -> str | None:
        """The present task."""
        ...

    def reset(self) -> object:
        """Begin another."""
        ...


def receive_people(
    env: Host, announce: Callable[[str], None], *, host: str = "127.0.0.1", port: int = 0
) -> None:
    """Serve the site until an interrupt.

    Args:
        env: The first visitor gets its present session, each other one the next that it begins.
        announce: Told in one line where the site is.
        host: Address to listen at.
        port: Port to listen at; 0: any free one.

    Raises:
        ArgumentError: The address or port cannot be had.
        MissingExtraError: A package is missing.
    """
    lock, fresh = threading.Lock(), [True]

    def arrive() -> tuple[Session, str]:
        with lock:
            if not fresh:
                env.reset()
            fresh.clear()
            return env.session, (env.task_id or "").rpartition("/")[2]

    server = Server(make_app(Visits(), arrive=arrive, hosts=(host,)), host=host, port=port)
    announce(f"The shop is open at {server.url} - Ctrl-C closes it.")
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
