"""Choose a sandbox by name; the unsafe one only for those who say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from agentgym.errors import ArgumentError, suggest
from envs.tooluse.python.sandbox.bubblewrap import BubblewrapSandbox
from envs.tooluse.python.sandbox.limits import Limits, Outcome
from envs.tooluse.python.sandbox.rlimit import RlimitProcess

__all__ = ["Sandbox", "open_sandbox"]


class Sandbox(Protocol):
    """Runs Python code."""

    def run(self, cells: Sequence[str]) -> Outcome:
        """Run the cells of a notebook in a fresh interpreter; return what the last one printed."""


def open_sandbox(
    backend: Literal["bwrap", "rlimit"] = "bwrap", *, limits: Limits | None = None, allow_unsafe: bool = False
) -> Sandbox:
    """Open a sandbox.

    Args:
        backend: "bwrap", or "rlimit": limits without walls.
        limits: What a run may use.
        allow_unsafe: Must be True for "rlimit".

    Raises:
        SandboxError: bubblewrap is missing or does not work here.
        ArgumentError: The backend is unknown, or unsafe and not allowed.
    """
    if backend == "bwrap":
        return BubblewrapSandbox(limits or Limits())
    if backend != "rlimit":
        raise suggest("sandbox", str(backend), ("bwrap", "rlimit"))
    if not allow_unsafe:
        raise ArgumentError(
            "The sandbox 'rlimit' has limits but no walls: code can read your files and reach your network. "
            "Pass sandbox='bwrap', or allow_unsafe=True where you trust the code."
        )
    return RlimitProcess(limits or Limits())
