"""Environments that break a rule of `info`."""

from __future__ import annotations

from typing import Any

import numpy as np

from agentgym import Facts, Transition
from tests.broken_envs.broken import breaks
from tests.toys import CorridorEnv


@breaks("info_keys", "lacks ['score']", None)
class ForgetsTheScore(CorridorEnv):
    def _info(self) -> dict[str, Any]:
        info = super()._info()
        if self._steps:
            del info["score"]
        return info


@breaks("info_keys", "unknown keys ['cell']")
class TellsMore(CorridorEnv):
    def _info(self) -> dict[str, Any]:
        return {**super()._info(), "cell": self._cell}


@breaks("info_types", "float64")
class HasNumpyProgress(CorridorEnv):
    def _facts(self) -> Facts:
        facts = super()._facts()
        return facts._replace(progress=np.float64(facts.progress))


@breaks("info_types", "'admissible_actions'] is a list")
class ListsActions(CorridorEnv):
    def _facts(self) -> Facts:
        return super()._facts()._replace(admissible_actions=["go west", "wait", "go east"])  # type: ignore[arg-type]


@breaks("info_ranges", "'progress'] is 1.5")
class OverdoesProgress(CorridorEnv):
    def _facts(self) -> Facts:
        return super()._facts()._replace(progress=1.5)


@breaks("info_ranges", "reward is nan", None)
class RewardsNaN(CorridorEnv):
    def _act(self, action: str) -> Transition:
        return super()._act(action)._replace(reward=float("nan"))


@breaks("info_task", "split 'test'", "task_option")
class NamesTheWrongSplit(CorridorEnv):
    def _info(self) -> dict[str, Any]:
        return {**super()._info(), "split": "test"}


@breaks("info_task", "does not list", "seed_matters state_key_is_stable")
class PlaysUnlistedTasks(CorridorEnv):
    def _info(self) -> dict[str, Any]:
        info = super()._info()
        return info if self._asked else {**info, "task_id": "train/hidden"}

    _asked = False

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        self._asked = bool(options)
        return super().reset(seed=seed, options=options)


@breaks("info_is_not_reused", "has changed since", "snapshot_continues")
class HandsOutItsDiary(CorridorEnv):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._diary: list[str] = []

    def _begin(self, task: str) -> str:
        self._diary = []
        return super()._begin(task)

    def _act(self, action: str) -> Transition:
        self._diary.append(action)
        return super()._act(action)

    def _facts(self) -> Facts:
        return super()._facts()._replace(extra={"diary": self._diary})


@breaks("info_at_start", "after a reset")
class StartsInvalid(CorridorEnv):
    def _begin(self, task: str) -> str:
        self._valid = False
        return super()._begin(task)
