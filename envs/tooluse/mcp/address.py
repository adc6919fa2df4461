"""Where a server is: in this process, behind a command, or at a URL."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from agentgym.errors import ArgumentError

__all__ = ["STATE_URI", "Address", "read_address"]

STATE_URI: Final = "agentgym://state"
"""The resource in which our servers tell their state, as canonical JSON."""

_MEMORY = "memory:"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    Attributes:
        kind: "memory" (a service of ours, through client and server without a wire), "stdio" or "http".
        target: Name of the service, program and arguments, or URL.
        environment: Variables for the process of "stdio".
    """

    kind: Literal["memory", "stdio", "http"]
    target: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return shlex.join(self.target)


def read_address(server: str | Sequence[str] | None, environment: Mapping[str, str] | None = None) -> Address:
    """Read `server=`.

    Args:
        server: "memory:<service>", a URL, or a command as one text or as program and arguments; None: the
            stockroom in memory.
        environment: Variables for a command.

    Raises:
        ArgumentError: It is none of these.
    """
    variables = dict(environment or {})
    if server is None:
        return Address("memory", ("stockroom",))
    if not isinstance(server, str):
        words = tuple(server)
        if not words or not all(isinstance(word, str) and "\0" not in word for word in words):
            raise ArgumentError(
                f"`server` is {server!r}. A command is a list of texts: program and arguments."
            )
        return Address("stdio", words, variables)
    if server.startswith(("http://", "https://")):
        return Address("http", (server,))
    if server.startswith(_MEMORY):
        return Address("memory", (server.removeprefix(_MEMORY),))
    try:
        return read_address(shlex.split(server), variables)
    except ValueError as error:
        raise ArgumentError(f"`server` is {server!r}, which is no command: {error}.") from error
