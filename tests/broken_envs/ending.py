"""Environments that break a rule of how episodes end."""

from __future__ import annotations

from typing import Any

from agentgym import Transition
from tests.broken_envs.broken import breaks
from tests.toys import CorridorEnv


@breaks("one_ending", "both True")
class EndsTwice(CorridorEnv):
    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, terminated, truncated or terminated, info


@breaks("truncation", "at step 41")
class TruncatesLate(CorridorEnv):
    shift = 1

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        self.max_steps += self.shift
        try:
            return super().step(action)
        finally:
            self.max_steps -= self.shift


@breaks("truncation", "at step 39")
class TruncatesEarly(TruncatesLate):
    shift = -1


@breaks("step_after_end", "terminated does not raise")
class PlaysOn(CorridorEnv):
    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        if self._over and self._task is not None:
            return "It is over.", 0.0, True, False, self._info()
        return super().step(action)


@breaks("success_terminates", "terminated is not")
class WinsOn(CorridorEnv):
    def _act(self, action: str) -> Transition:
        if self._cell == self._corridor.goal:
            return Transition("You stand in the door.", valid=action in ("go west", "wait", "go east"))
        transition = super()._act(action)
        return transition._replace(terminated=transition.terminated and not transition.reward)
