"""Environments that break a rule of input."""

from __future__ import annotations

import json
import re
from typing import Any

from agentgym import Facts, Transition
from tests.broken_envs.broken import breaks
from tests.toys import CorridorEnv


@breaks("hostile_actions", "JSONDecodeError", None)
class ParsesTrustingly(CorridorEnv):
    def _act(self, action: str) -> Transition:
        return super()._act(action if action.startswith(("go", "wait")) else json.loads(action))


@breaks("hostile_actions", "taken for a valid action")
class ObeysAnyMention(CorridorEnv):
    def _act(self, action: str) -> Transition:
        found = re.search(r"go (east|west)", action)
        return super()._act(found.group() if found else action)


@breaks("hostile_actions", "lone surrogate")
class RepeatsWhatYouSay(CorridorEnv):
    def _act(self, action: str) -> Transition:
        transition = super()._act(action)
        return transition if transition.valid else Transition(f"No {action[:40]!s}.", valid=False)


@breaks("hostile_actions", "changes `state_key`")
class StumblesOnNonsense(CorridorEnv):
    def _act(self, action: str) -> Transition:
        transition = super()._act(action)
        if not transition.valid and self._cell > 1:
            self._cell -= 1
        return transition


@breaks("hostile_actions", "costs 0 turns", "truncation")
class GivesNonsenseForFree(CorridorEnv):
    def _act(self, action: str) -> Transition:
        transition = super()._act(action)
        self._steps -= not transition.valid
        return transition


@breaks("actions_are_texts", "is accepted")
class TakesAnyObject(CorridorEnv):
    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        return super().step(str(action))


@breaks("admissible_actions_are_valid", "'fly' is not valid")
class OffersTooMuch(CorridorEnv):
    def _facts(self) -> Facts:
        return super()._facts()._replace(admissible_actions=("fly", "go west", "wait", "go east"))


@breaks("admissible_actions_are_valid", "not among the admissible")
class HidesTheWay(CorridorEnv):
    def _facts(self) -> Facts:
        return super()._facts()._replace(admissible_actions=("wait",))
