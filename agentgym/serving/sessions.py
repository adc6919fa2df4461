"""Sessions: each has an environment and a thread of its own, and is closed when nobody asks any more."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from agentgym.api import TextEnv
from agentgym.errors import AgentGymError, EpisodeOverError
from agentgym.registry import make_env

__all__ = ["BusyError", "FullError", "Session", "Sessions"]

P = ParamSpec("P")
T = TypeVar("T")


class BusyError(AgentGymError):
    """A session is asked while it is still answering."""


class FullError(AgentGymError):
    """There is no room for another session."""


class Session:
    """An environment that only its own thread touches.

    Attributes:
        id: Its name; whoever knows it may use it.
        env: The environment; only for functions that `call` runs.
        episodes: Resets so far.
        turns: Steps since the last reset or restore.
        asked_at: When it was last asked, on the monotonic clock.
    """

    def __init__(self, env_id: str, options: Mapping[str, Any]) -> None:
        self.id = secrets.token_urlsafe(24)
        self.env: TextEnv
        self.episodes = self.turns = 0
        self.asked_at = time.monotonic()
        self.busy = False
        self._make = lambda: make_env(env_id, **options)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="agentgym-session")

    async def open(self) -> None:
        """Make the environment."""
        self.env = await self.call(self._make)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in the session's thread.

        Raises:
            BusyError: It is running another.
        """
        if self.busy:
            raise BusyError("This session is still answering. Send one request at a time, or open another.")
        self.busy, self.asked_at = True, time.monotonic()
        try:
            return await asyncio.wrap_future(self._thread.submit(function, *args, **kwargs))
        finally:
            self.busy, self.asked_at = False, time.monotonic()

    def close(self) -> None:
        """Close the environment, in its thread, when what runs there has ended. Does not wait."""
        if hasattr(self, "env"):
            self._thread.submit(self.env.close)
        self._thread.shutdown(wait=False)


class Sessions:
    """The sessions that are open. To be used from one event loop.

    Args:
        env_id: Registered id.
        options: Constructor arguments of every environment.
        limit: Most sessions.
        idle_s: Seconds without a request after which a session is closed.
    """

    def __init__(self, env_id: str, options: Mapping[str, Any], *, limit: int, idle_s: float) -> None:
        self._env_id, self._options, self._limit, self._idle_s = env_id, options, limit, idle_s
        self._open: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    async def open(self) -> Session:
        """Open a session.

        Raises:
            FullError: There are as many as there may be, and none is idle for long enough.
        """
        self.sweep()
        if len(self._open) >= self._limit:
            raise FullError(f"All {self._limit} sessions are taken. Close one, or come back later.")
        session = Session(self._env_id, self._options)
        self._open[session.id] = session
        try:
            await session.open()
        except BaseException:
            self.close(session.id)
            raise
        return session

    def get(self, name: str) -> Session:
        """Return a session.

        Raises:
            EpisodeOverError: There is none of this name, or none any more.
        """
        self.sweep()
        if name not in self._open:
            raise EpisodeOverError(
                "There is no such session: it was closed, or nobody asked it for too long. Reset without a "
                "session to open one."
            )
        return self._open[name]

    def close(self, name: str) -> None:
        """Close a session, if it is open."""
        session = self._open.pop(name, None)
        if session is not None:
            session.close()

    def close_all(self) -> None:
        """Close all sessions."""
        for name in list(self._open):
            self.close(name)

    def sweep(self) -> None:
        """Close the sessions that nobody has asked for too long."""
        now = time.monotonic()
        for session in list(self._open.values()):
            if not session.busy and now - session.asked_at > self._idle_s:
                self.close(session.id)
