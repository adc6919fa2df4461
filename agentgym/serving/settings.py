"""What a server of environments is told."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentgym.errors import ArgumentError

__all__ = ["ServeSettings"]

_LEAST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """What is served, to whom, and how much of it.

    Attributes:
        env_id: Registered id.
        env_options: Constructor arguments of every session's environment.
        host: Address to listen at.
        port: Port to listen at; 0: one that is free.
        sessions: Most sessions that may be open.
        idle_s: Seconds without a request after which a session is closed.
        most_bytes: Greatest body of a request.
        token: What callers must send as `Authorization: Bearer`; "": nothing.
        privileged: Whether callers may freeze and restore episodes and ask the expert: these tell what an
            agent should not know.

    Raises:
        ArgumentError: A number is out of range, the token is short, or others could reach the address and
            there is no token.
    """

    env_id: str
    env_options: Mapping[str, Any] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 0
    sessions: int = 64
    idle_s: float = 900.0
    most_bytes: int = 8 << 20
    token: str = ""
    privileged: bool = False

    def __post_init__(self) -> None:
        for name in ("sessions", "idle_s", "most_bytes"):
            if not 0 < getattr(self, name) < math.inf:  # NaN is refused as well
                raise ArgumentError(
                    f"`{name}` is {getattr(self, name)}. It must be greater than 0, and finite."
                )
        if self.token and (len(self.token) < _LEAST_TOKEN or not self.token.isascii()):
            raise ArgumentError(
                f"The token must be ASCII of at least {_LEAST_TOKEN} characters. "
                "Take one that cannot be guessed."
            )
        if not self.token and not self.alone:
            raise ArgumentError(
                f"Others can reach {self.host}. Set a token (--token or $AGENTGYM_SERVE_TOKEN), or listen at "
                "127.0.0.1."
            )

    @property
    def alone(self) -> bool:
        """Whether only this machine can reach the address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
