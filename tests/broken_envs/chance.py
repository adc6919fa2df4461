"""Environments that break a rule of chance."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from agentgym import Transition
from tests.broken_envs.broken import breaks
from tests.toys import CorridorEnv


@breaks("seed_repeats", "reset(seed=0) repeated", None)
class CountsItsEpisodes(CorridorEnv):
    _episodes = 0

    def _begin(self, task: str) -> str:
        self._episodes += 1
        return f"Episode {self._episodes}. {super()._begin(task)}"


@breaks("seed_matters", "for each of")
class AlwaysPlaysTheFirstTask(CorridorEnv):
    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        return super().reset(seed=seed, options=options or {"task": self.tasks(self.split)[0]})


@breaks("episodes_repeat", "two instances", None)
class DrawsFromTheSystem(CorridorEnv):
    def _act(self, action: str) -> Transition:
        self.wind = float(np.random.default_rng().random())
        return super()._act(action)


@breaks("processes_agree", "another process", registered=True)
class SaltsItsWords(CorridorEnv):
    def _begin(self, task: str) -> str:
        return f"Room {hash(task)}. {super()._begin(task)}"


@breaks("global_generators", "`random`", None)
class DrawsFromRandom(CorridorEnv):
    def _act(self, action: str) -> Transition:
        self.wind = random.random()
        return super()._act(action)


@breaks("global_generators", "`numpy.random`", None)
class DrawsFromNumpy(CorridorEnv):
    def _begin(self, task: str) -> str:
        return f"Room {np.random.randint(1000)}. {super()._begin(task)}"  # noqa: NPY002


@breaks("global_generators", "`numpy.random`")
class SeedsNumpy(CorridorEnv):
    def _begin(self, task: str) -> str:
        np.random.seed(0)  # noqa: NPY002
        return super()._begin(task)


@breaks("global_generators", "seeded otherwise", None)
class PeeksAtRandom(CorridorEnv):
    def _begin(self, task: str) -> str:
        return f"Room {random.getstate()[1][1]}. {super()._begin(task)}"
