"""The self-test of the sandbox: every attack of the table, really run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from envs.tooluse.python.sandbox.attacks import ATTACKS, LIMITS, Attack
from envs.tooluse.python.sandbox.limits import Outcome, SandboxError
from envs.tooluse.python.sandbox.opening import open_sandbox

__all__ = ["checkup", "self_test"]

_AT_ONCE = 4


def self_test() -> list[tuple[Attack, Outcome]]:
    """Run the attacks, a few at a time; return those that were not held off, with what came of them.

    Raises:
        SandboxError: There is no sandbox to test.
    """
    sandbox = open_sandbox("bwrap", limits=LIMITS)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(lambda attack: sandbox.run([attack.code]), ATTACKS))
    return [(attack, told) for attack, told in zip(ATTACKS, outcomes, strict=True) if not attack.held(told)]


def checkup() -> str:
    """Say in one line how the self-test went, for `agentgym doctor`."""
    try:
        breached = self_test()
    except SandboxError as error:
        return str(error)
    if breached:
        names = ", ".join(attack.name for attack, _ in breached)
        return f"UNSAFE: {len(breached)} of {len(ATTACKS)} attacks are not held off: {names}"
    return f"holds off {len(ATTACKS)} of {len(ATTACKS)} attacks"
