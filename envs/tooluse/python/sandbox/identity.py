"""A user of its own for each sandbox that runs: the kernel counts processes per user."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from envs.tooluse.python.sandbox.limits import SandboxError

__all__ = ["claimed_uid"]

_FIRST, _COUNT = 60_000, 4_000


@contextmanager
def claimed_uid() -> Iterator[int | None]:
    """Hold a user id that no other sandbox on this host has; None where we are not root and cannot choose.

    The claim is a socket bound to an abstract name: the kernel lets one process have it, and frees it when
    that process ends, however it ends.

    Raises:
        SandboxError: All ids are taken.
    """
    if os.geteuid() != 0:
        yield None
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as claim:
        yield _bind(claim)


def _bind(claim: socket.socket) -> int:
    for uid in range(_FIRST, _FIRST + _COUNT):
        try:
            claim.bind(f"\0agentgym-sandbox-{uid}")
        except OSError:
            continue
        return uid
    raise SandboxError(f"All {_COUNT} user ids for sandboxes are taken. Run fewer at once.")
