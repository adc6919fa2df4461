"""`Remote`: the server of an episode: prepared, called, and brought back to where it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from agentgym.errors import DataError
from envs.tooluse.core import ArgumentSchema, Tool, ToolCall
from envs.tooluse.mcp.address import Address
from envs.tooluse.mcp.link import Link, McpServerError

__all__ = ["Answered", "Remote", "ToolFailure"]

_MOST_TOOLS = 512
_LONGEST_DESCRIPTION = 4000


class ToolFailure(Exception):
    """A server calls the answer of a tool an error."""


class Answered(NamedTuple):
    """A call that the server answered, what it said, and whether it calls that an error."""

    name: str
    arguments: Mapping[str, Any]
    text: str
    failed: bool


class Remote:
    """A server that is started when it is needed. Pickled or copied, it leaves the connection behind.

    Args:
        address: Where the server is.
        restart: Whether each episode starts the server anew.
        start_s: Seconds that it may take to start.
        call_s: Seconds that a call may take.
    """

    def __init__(self, address: Address, *, restart: bool, start_s: float, call_s: float) -> None:
        self._address = address
        self._restart = restart
        self._start_s = start_s
        self._call_s = call_s
        self._link: Link | None = None
        self._tools: list[Tool] | None = None
        self._setup: tuple[ToolCall, ...] = ()
        self.history: tuple[Answered, ...] = ()
        """The calls of this episode that were answered."""
        self.gone = False
        """Whether the server died or hung in this episode."""

    def begin(self, setup: Sequence[ToolCall]) -> None:
        """Bring the server into the state that an episode starts from.

        Raises:
            McpServerError: It does not start, or a call of the setup fails.
        """
        if self._restart or (self._link is not None and not self._link.alive):
            self.close()
        self._setup, self.history, self.gone = tuple(setup), (), False
        link = self._connected()
        for call in setup:
            text, failed = link.call(call.name, call.arguments)
            if failed:
                raise McpServerError(f"The call {call.name} of the setup fails: {text[:300]}")

    def resume(self, setup: Sequence[ToolCall], history: Sequence[Answered], *, gone: bool = False) -> None:
        """Bring the server to where an episode was, by making its calls again.

        Raises:
            McpServerError: The server fails.
            DataError: It answers otherwise than it did.
        """
        self.begin(setup)
        link = self._connected()
        for done in history:
            if link.call(done.name, done.arguments) != (done.text, done.failed):
                raise DataError(f"{self._address} does not repeat itself: {done.name} answers otherwise now")
        self.history, self.gone = tuple(history), gone

    def call(self, name: str, arguments: Mapping[str, Any]) -> str:
        """Call a tool for the agent.

        Raises:
            ToolFailure: The server says that it failed.
            McpServerError: The server died, hung or broke the protocol; it is gone until the next episode.
        """
        if self.gone:
            raise McpServerError("the server is gone until the next episode")
        try:
            text, failed = self._current().call(name, arguments)
        except McpServerError:
            self.gone = True
            self.close()
            raise
        self.history += (Answered(name, dict(arguments), text, failed),)
        if failed:
            raise ToolFailure(text)
        return text

    def tools(self, hidden: Sequence[str]) -> list[Tool]:
        """Return the server's tools, but for hidden ones.

        Raises:
            McpServerError: Its list of tools is not usable.
        """
        if self._tools is None:
            listed = self._current().tools()
            if len(listed) > _MOST_TOOLS:
                raise McpServerError(f"{self._address} has {len(listed)} tools. At most {_MOST_TOOLS} fit.")
            self._tools = [self._tool(one) for one in listed]
        return [tool for tool in self._tools if tool.name not in hidden]

    def state(self, uri: str) -> str | None:
        """Read the resource that holds the server's state; None where there is none, or no server."""
        if self.gone:
            return None
        try:
            return self._current().read(uri)
        except McpServerError:
            self.gone = True
            self.close()
            return None

    def close(self) -> None:
        """End the connection, and the server where it is ours."""
        if self._link is not None:
            self._link.close()
        self._link = self._tools = None

    def _current(self) -> Link:
        """Return the connection; a copy without one makes its own and goes to where the original was."""
        if self._link is None:
            self.resume(self._setup, self.history)
        return self._connected()

    def _connected(self) -> Link:
        if self._link is None:
            self._link = Link(self._address, start_s=self._start_s, call_s=self._call_s)
        return self._link

    def _tool(self, listed: Any) -> Tool:
        description = (listed.description or listed.name)[:_LONGEST_DESCRIPTION]
        return Tool(listed.name, description, ArgumentSchema(listed.input_schema), _Caller(self, listed.name))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_link": None, "_tools": None}


class _Caller:
    """Calls one tool of a remote; as a class, it can be pickled."""

    def __init__(self, remote: Remote, name: str) -> None:
        self._remote = remote
        self._name = name

    def __call__(self, /, **arguments: Any) -> str:
        return self._remote.call(self._name, arguments)
