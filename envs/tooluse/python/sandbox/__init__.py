"""A sandbox for Python code that a model wrote: bubblewrap, a filter and limits; and its self-test."""

from __future__ import annotations

from envs.tooluse.python.sandbox.bubblewrap import BubblewrapSandbox
from envs.tooluse.python.sandbox.limits import Limits, Outcome, SandboxError
from envs.tooluse.python.sandbox.opening import Sandbox, open_sandbox
from envs.tooluse.python.sandbox.rlimit import RlimitProcess

__all__ = [
    "BubblewrapSandbox",
    "Limits",
    "Outcome",
    "RlimitProcess",
    "Sandbox",
    "SandboxError",
    "open_sandbox",
]
