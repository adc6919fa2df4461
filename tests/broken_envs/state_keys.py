"""Environments that break a rule of state keys."""

from __future__ import annotations

from agentgym import Facts
from agentgym.hashing import state_key
from tests.broken_envs.broken import breaks
from tests.toys import CorridorEnv


@breaks("state_key_is_stable", "does it count steps?", None)
class CountsStepsInItsKey(CorridorEnv):
    def _facts(self) -> Facts:
        facts = super()._facts()
        return facts._replace(state_key=state_key(f"{facts.state_key} {self._steps}".encode()))


@breaks("state_key_is_complete", "share the key")
class HashesWhatItShows(CorridorEnv):
    def _facts(self) -> Facts:
        return super()._facts()._replace(state_key=state_key(self._look().encode()))
