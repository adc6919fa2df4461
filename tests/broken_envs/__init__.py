"""Toy environments that each break the contract in one way, with the rule that must notice it."""

from __future__ import annotations

from tests.broken_envs import chance, ending, gymnasium_api, info, input, many, snapshots, state_keys, tasks  # noqa: F401 - they register themselves
from tests.broken_envs.broken import BROKEN, Broken

__all__ = ["BROKEN", "Broken"]
