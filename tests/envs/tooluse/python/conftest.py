"""The sandbox that tests run code in; they are skipped, with the reason, where there is none."""

from __future__ import annotations

import pytest

from envs.tooluse.python.sandbox import BubblewrapSandbox, SandboxError
from envs.tooluse.python.sandbox.attacks import LIMITS


@pytest.fixture(scope="session")
def sandbox() -> BubblewrapSandbox:
    """A sandbox with the limits of the self-test."""
    try:
        return BubblewrapSandbox(LIMITS)
    except SandboxError as error:
        pytest.skip(str(error))
