"""What whoever runs a server decides."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentgym.errors import ArgumentError

__all__ = ["Rate", "Settings"]


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may happen: `burst` times at once, then `per_s` times a second.

    Raises:
        ArgumentError: One of them is not positive.
    """

    burst: int
    per_s: float

    def __post_init__(self) -> None:
        if self.burst < 1 or self.per_s <= 0:
            raise ArgumentError(f"A rate of {self.burst} and {self.per_s}/s lets nothing through. Pass more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Limits of a server, and the names that it answers to.

    Attributes:
        hosts: Names in the Host header that are answered beside those of loopback.
        private: Whether reading needs a token as well.
        replays: Whether whoever looks at an episode may have it executed again, in the server itself.
        https: Whether browsers come by HTTPS (a proxy's): cookies are then sent by no other way.
        most_bytes: Greatest size of a submission file.
        upload_timeout_s: Seconds that one upload may take.
        most_waiting: Greatest number of uploads of one account that wait for their verdict.
        session_s: Seconds that a browser stays logged in.
        per_address: Requests of one address.
        per_token: Uploads of one token.
    """

    hosts: tuple[str, ...] = ()
    private: bool = False
    replays: bool = False
    https: bool = False
    most_bytes: int = 256 << 20
    upload_timeout_s: float = 900.0
    most_waiting: int = 100
    session_s: float = 8 * 3600.0
    per_address: Rate = field(default_factory=lambda: Rate(200, 20.0))
    per_token: Rate = field(default_factory=lambda: Rate(60, 0.1))
