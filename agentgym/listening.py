"""A socket to listen at, for every server of ours."""

from __future__ import annotations

import socket
from typing import Final

from agentgym.errors import ArgumentError

__all__ = ["listen"]

_GREATEST_PORT: Final = 65535
_WAITING: Final = 1024
"""How many connections may wait to be taken."""


def listen(host: str, port: int) -> socket.socket:
    """Listen at an address.

    Args:
        host: Address or name; one with a colon is of IPv6.
        port: Port; 0: one that is free.

    Raises:
        ArgumentError: The address or port cannot be had.
    """
    try:
        if not 0 <= port <= _GREATEST_PORT:
            raise OSError(f"ports go from 0 to {_GREATEST_PORT}")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.create_server((host, port), family=family, backlog=_WAITING)
    except OSError as error:
        raise ArgumentError(
            f"Nothing can listen at {host}, port {port}: {error}. Choose another port; 0 is any free one."
        ) from error
    # asyncio sends small answers at once only on sockets that say that they are TCP
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=made.detach())
