"""Environments that break a rule of snapshots."""

from __future__ import annotations

from typing import Any

import numpy as np

from agentgym import Transition
from tests.broken_envs.broken import breaks
from tests.toys import CorridorEnv


@breaks("snapshot_continues", "Restored in", None)
class ForgetsItsWind(CorridorEnv):
    def _begin(self, task: str) -> str:
        self._gusts = np.random.default_rng(int(self.np_random.integers(1 << 30)))
        return super()._begin(task)

    def _act(self, action: str) -> Transition:
        self.wind = float(self._gusts.random())
        return super()._act(action)


@breaks("queries_change_nothing", "oracle_action() changes", None)
class AsksChanceForAdvice(CorridorEnv):
    def oracle_action(self) -> str:
        self.np_random.random()
        return super().oracle_action()


@breaks("queries_change_nothing", "render() changes")
class RendersAndForgets(CorridorEnv):
    def render(self) -> str | None:
        self._valid = not self._valid
        return super().render()


@breaks("queries_change_nothing", "is no JSON", None)
class FreezesToPickle(CorridorEnv):
    def snapshot(self) -> bytes:
        return b"\x80\x04" + super().snapshot()

    def restore(self, snapshot: bytes) -> None:
        super().restore(snapshot.removeprefix(b"\x80\x04"))


@breaks("snapshot_rejects", "is refused but changes")
class LoadsBeforeItLooks(CorridorEnv):
    def _load(self, task: str, state: Any) -> None:
        self._corridor = self._parse(task)
        super()._load(task, state)


@breaks("snapshot_rejects", "is accepted")
class LoadsAnything(CorridorEnv):
    def _load(self, task: str, state: Any) -> None:
        super()._load(task, state if isinstance(state, dict) and state else {"cell": 1})
