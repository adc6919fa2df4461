"""Environments that break a rule of tasks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from tests.broken_envs.broken import breaks
from tests.toys import CorridorEnv


@breaks("tasks_are_listed", "is in 'train' and in")
class SharesTasks(CorridorEnv):
    def tasks(self, split: str) -> Sequence[str]:
        return (*super().tasks(split), *super().tasks("train"))


@breaks("tasks_are_listed", "must raise UnknownNameError")
class KnowsEverySplit(CorridorEnv):
    def tasks(self, split: str) -> Sequence[str]:
        return super().tasks(split) if split in self.splits else ()


@breaks("tasks_are_listed", "between two instances", None)
class ShufflesTasks(CorridorEnv):
    _shuffles = itertools.count()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._turn = next(self._shuffles) % 2

    def tasks(self, split: str) -> Sequence[str]:
        return tuple(super().tasks(split))[:: -1 if self._turn else 1]


@breaks("task_option", "reset() starts")
class IgnoresTheTask(CorridorEnv):
    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        if options and options.get("task") in self.tasks("test"):
            options = None
        return super().reset(seed=seed, options=options)


@breaks("task_option", "is accepted")
class FindsATaskForAnyName(CorridorEnv):
    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        known = options and any(options.get("task") in self.tasks(split) for split in self.splits)
        return super().reset(seed=seed, options=options if known else None)


@breaks("oracle_succeeds", "expert succeeds in")
class HasALostExpert(CorridorEnv):
    def oracle_action(self) -> str:
        return "go west"
