"""Talk to a server process over its standard streams, without trusting it: bounded lines, a certain end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream, Process
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

__all__ = ["LONGEST_LINE", "ServerProcess"]

LONGEST_LINE: Final = 8 << 20
"""Bytes of a line; a server that writes a longer one is cut off."""

_LAST_WORDS: Final = 1000
_GRACE_S: Final = 1.0


class ServerProcess:
    """A server process. The SDK's own transport puts no bound on lines and drops what a server complains of.

    Args:
        command: Program and arguments. The process leads a session of its own, dies with the thread that
            started it, and is killed with all its session at the end.
        environment: Variables on top of the few that the SDK passes on (PATH, HOME, ...).
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.command = tuple(command)
        self._environment = {**get_default_environment(), **environment}
        self._said = b""

    @property
    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        return self._said.decode("utf-8", "replace").strip()

    @asynccontextmanager
    async def streams(self) -> AsyncIterator[tuple[Any, Any]]:
        """Start the process and yield the streams of messages from and to it; end it on the way out.

        Raises:
            OSError: It cannot be started.
        """
        process = await anyio.open_process(
            [*_dying_with_parent(), *self.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
            start_new_session=True,
        )
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        to_client, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        outgoing, from_client = anyio.create_memory_object_stream[SessionMessage](0)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_receive, process.stdout, to_client)
            tasks.start_soon(_send, from_client, process.stdin)
            tasks.start_soon(self._listen, process.stderr)
            try:
                yield incoming, outgoing
            finally:
                with anyio.CancelScope(shield=True):
                    await _end(process)
                tasks.cancel_scope.cancel()

    async def _listen(self, stream: ByteReceiveStream) -> None:
        with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            async for chunk in stream:
                self._said = (self._said + chunk)[-_LAST_WORDS:]


async def _receive(stream: ByteReceiveStream, to_client: MemoryObjectSendStream[Any]) -> None:
    """Pass on messages, and faults in place of what is no message; stop at a line without end."""
    rest = bytearray()
    async with to_client:
        with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            async for chunk in stream:
                rest += chunk
                *lines, last = bytes(rest).split(b"\n") if b"\n" in chunk else [bytes(rest)]
                for line in lines:
                    await to_client.send(_message(line))
                if lines:
                    rest = bytearray(last)
                if len(rest) > LONGEST_LINE:
                    return


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except (ValueError, RecursionError) as error:
        return error


async def _send(from_client: MemoryObjectReceiveStream[SessionMessage], stream: ByteSendStream) -> None:
    async with from_client:
        with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
            async for message in from_client:
                line = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                await stream.send(line.encode("utf-8", "replace") + b"\n")


async def _end(process: Process) -> None:
    """Close the input, wait a moment, and kill what is left of the session."""
    assert process.stdin is not None
    with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
        await process.stdin.aclose()
    with anyio.move_on_after(_GRACE_S):
        await process.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.aclose()


def _dying_with_parent() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [] if setpriv is None else [setpriv, "--pdeathsig", "KILL"]
