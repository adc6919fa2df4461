"""`Link`: a connection to an MCP server, driven from ordinary code by a thread with an event loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import json
import threading
import weakref
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

from agentgym.errors import AgentGymError, require
from envs.tooluse.mcp.address import Address

__all__ = ["Link", "McpServerError"]

_MARGIN_S: Final = 5.0
_LONGEST_ANSWER: Final = 20_000  # characters
_WHO: Final = "agentgym/MCP-v0"


class McpServerError(AgentGymError):
    """An MCP server cannot be reached, died, hung or broke the protocol."""


class Link:
    """A connection. It ends with `close`, with the last reference to it, or with this process.

    Args:
        address: Where the server is.
        start_s: Seconds that it may take to start.
        call_s: Seconds that a call may take.

    Raises:
        McpServerError: It does not start, or speaks no MCP.
        MissingExtraError: The package mcp is not installed.
    """

    def __init__(self, address: Address, *, start_s: float, call_s: float) -> None:
        require("mcp", extra="mcp", who=_WHO)
        self._address = address
        self._call_s = call_s
        self._session = _Session(address)
        thread = threading.Thread(target=self._session.run, name="mcp", daemon=True)
        thread.start()
        self.close = weakref.finalize(self, _end, self._session, thread)
        self._await_start(start_s)

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return bool(self.close.alive) and self._session.loop is not None

    def tools(self) -> list[Any]:
        """List the server's tools, as the SDK's objects.

        Raises:
            McpServerError: It does not answer, or its list has no end.
        """
        return list(self._ask(self._session.tools))

    def call(self, name: str, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        """Call a tool; return what it said and whether it calls that an error.

        Raises:
            McpServerError: The server died, hung (it is ended then) or broke the protocol.
        """
        text, failed = self._ask(lambda: self._session.call(name, dict(arguments)))
        return text, failed

    def read(self, uri: str) -> str | None:
        """Read a resource as text; None where the server has none of this name.

        Raises:
            McpServerError: The server died, hung or broke the protocol.
        """
        text: str | None = self._ask(lambda: self._session.read(uri))
        return text

    def _ask(self, make: Callable[[], Awaitable[Any]]) -> Any:
        if not self.alive:
            raise McpServerError(f"The server {self._address} is gone{self._session.complaint()}.")
        assert self._session.loop is not None
        asked = asyncio.run_coroutine_threadsafe(_within(make, self._call_s), self._session.loop)
        try:
            return asked.result(self._call_s + _MARGIN_S)
        except (TimeoutError, concurrent.futures.TimeoutError):
            asked.cancel()
            self.close()
            raise McpServerError(
                f"The server {self._address} gave no answer within {self._call_s:g} s and was ended"
                f"{self._session.complaint()}."
            ) from None
        except Exception as error:  # whatever the SDK makes of what the server sent
            raise McpServerError(f"The server {self._address} cannot answer: {_reason(error)}") from error

    def _await_start(self, start_s: float) -> None:
        try:
            self._session.ready.result(start_s)
        except (TimeoutError, concurrent.futures.TimeoutError):
            self.close()
            why = f"it is not ready after {start_s:g} s"
        except Exception as error:
            self.close()
            why = _reason(error)
        except BaseException:  # the user loses patience
            self.close()
            raise
        else:
            return
        raise McpServerError(
            f"The server {self._address} cannot be used: {why}{self._session.complaint()}. "
            "Check that it runs and speaks MCP."
        )


class _Session:
    """The part of a link that lives in the event loop. It holds no link: unused links can end."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._process: Any = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self.ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.client: Any = None
        self._resources: frozenset[str] | None = None

    def complaint(self) -> str:
        """Say what the server's process wrote last to standard error."""
        said = self._process.last_words if self._process is not None else ""
        return f"; it wrote: {said}" if said else ""

    def run(self) -> None:
        """Connect, say so, and stay until told to leave: what the thread does."""
        try:
            asyncio.run(self._live())
        except (Exception, asyncio.CancelledError) as error:
            if not self.ready.done():
                self.ready.set_exception(
                    error if isinstance(error, Exception) else McpServerError("it ended")
                )
        finally:
            self.loop = None

    async def _live(self) -> None:
        """One task enters the client and leaves it, as its cancel scopes want."""
        self.loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        async with AsyncExitStack() as stack:
            self.client = await stack.enter_async_context(self._client())
            self.ready.set_result(None)
            await self._stop.wait()

    def leave(self) -> None:
        """Leave, or give up connecting. Call it in the loop."""
        if self.ready.done() or self._task is None:
            self._stop.set()
        else:
            self._task.cancel()

    def _client(self) -> Any:
        from mcp import Client

        return Client(self._target(), cache=None)

    def _target(self) -> Any:
        if self._address.kind == "http":
            return self._address.target[0]
        if self._address.kind == "memory":
            from envs.tooluse.mcp.server import server_of
            from envs.tooluse.mcp.services import open_service

            return server_of(open_service(self._address.target[0]))
        from envs.tooluse.mcp.transport import ServerProcess

        self._process = ServerProcess(self._address.target, self._address.environment)
        return self._process.streams()

    async def call(self, name: str, arguments: dict[str, Any]) -> tuple[str, bool]:
        """Call a tool. An error of the protocol is an answer, too, unless the connection is gone."""
        from mcp import MCPError
        from mcp_types import CONNECTION_CLOSED

        try:
            result = await self.client.call_tool(name, arguments)
        except MCPError as error:
            if error.code == CONNECTION_CLOSED:
                raise
            return error.message[:_LONGEST_ANSWER], True
        return _text_of(result), bool(result.is_error)

    async def tools(self) -> list[Any]:
        """List the tools, page by page."""
        found: list[Any] = []
        cursor = None
        for _ in range(100):
            page = await self.client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if not cursor:
                return found
        raise McpServerError("its list of tools has no end")

    async def read(self, uri: str) -> str | None:
        """Read a resource that the server lists."""
        if self._resources is None:
            offers = self.client.server_capabilities.resources is not None
            listed = (await self.client.list_resources()).resources if offers else ()
            self._resources = frozenset(str(resource.uri) for resource in listed)
        if uri not in self._resources:
            return None
        told = await self.client.read_resource(uri)
        return "\n".join(getattr(content, "text", "") for content in told.contents)


async def _within(make: Callable[[], Awaitable[Any]], seconds: float) -> Any:
    return await asyncio.wait_for(make(), seconds)


def _end(session: _Session, thread: threading.Thread) -> None:
    """Let the session leave, and wait until its server has ended."""
    loop = session.loop
    if loop is not None:
        with contextlib.suppress(RuntimeError):  # it was closed in between
            loop.call_soon_threadsafe(session.leave)
    if thread is not threading.current_thread():
        thread.join(_MARGIN_S)


def _reason(error: BaseException) -> str:
    """Say what an exception means; of a group, its first."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return f"{type(error).__name__}: {str(error)[:500]}" if str(error) else type(error).__name__


def _text_of(result: Any) -> str:
    """Write the answer of a tool: its texts, else its structure; other content by its kind."""
    parts = [
        content.text if content.type == "text" else f"[{content.type}]" for content in (result.content or ())
    ]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content)]
    text = "\n".join(parts)
    return text if len(text) <= _LONGEST_ANSWER else f"{text[:_LONGEST_ANSWER]}... (cut)"
