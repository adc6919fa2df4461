"""Environments that break a rule of resources, groups and vectors."""

from __future__ import annotations

import itertools
import os
import threading
from typing import Any, ClassVar

import numpy as np
from gymnasium.vector import SyncVectorEnv

from tests.broken_envs.broken import breaks
from tests.toys import CorridorEnv

_HOME = os.getpid()


@breaks("instances_apart", "", None)
class SharesItsCell(CorridorEnv):
    _shared: ClassVar[list[int]] = [1]

    @property
    def _cell(self) -> int:
        return self._shared[0]

    @_cell.setter
    def _cell(self, cell: int) -> None:
        self._shared[0] = cell


@breaks("threads_agree", "in a thread")
class NoticesItsThread(CorridorEnv):
    def _begin(self, task: str) -> str:
        at_home = threading.current_thread() is threading.main_thread()
        return super()._begin(task) + ("" if at_home else " You are far from home.")


@breaks("memory_is_flat", "Live memory grows")
class KeepsADiary(CorridorEnv):
    def _begin(self, task: str) -> str:
        self._diary = [*getattr(self, "_diary", ()), bytearray(1024)]
        return super()._begin(task)


@breaks("group_members_agree", "of a group", None, registered=True)
class KnowsItsTurn(CorridorEnv):
    _serial = itertools.count()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._number = next(self._serial)

    def _begin(self, task: str) -> str:
        return f"Instance {self._number}. {super()._begin(task)}"


@breaks("vector_sync", "of a vector (sync)", None, registered=True)
class StartsUnseededByTurn(KnowsItsTurn):
    pass


@breaks("vector_async", "of a vector (async)", registered=True)
class NoticesItsProcess(CorridorEnv):
    def _begin(self, task: str) -> str:
        return super()._begin(task) + ("" if os.getpid() == _HOME else " You are far from home.")


class _StingyVector(SyncVectorEnv):
    def __init__(self, num_envs: int, **kwargs: Any) -> None:
        super().__init__([lambda: ParsimoniousVector(**kwargs)] * num_envs)

    def step(self, actions: Any) -> Any:
        observations, rewards, *rest = super().step(actions)
        return (observations, np.zeros_like(rewards), *rest)


@breaks("vector_own", "of a vector", registered=True, vector="tests.broken_envs.many:_StingyVector")
class ParsimoniousVector(CorridorEnv):
    pass
