"""An environment that hangs, dies or raises where its task says so, and behaves when it is asked again."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from agentgym import Facts, Transition, register_env
from tests.toys import CorridorEnv

FAULTY_ID = "agentgym/ToyFaulty-v0"


class FaultyEnv(CorridorEnv):
    """A corridor whose third step goes wrong.

    Args:
        fault: "hang", "die", "raise", "set" (what it says is no JSON), "huge" (it says too much), "print" (it
            talks on standard output, which is no fault) or "none".
        marks: A folder; where it is given, the fault happens only once for each task and leaves a mark there.
        options: Those of the corridor.
    """

    def __init__(self, *, fault: str = "none", marks: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._fault, self._marks = fault, marks
        self._acted = 0

    def _begin(self, task: str) -> str:
        self._acted = 0
        return super()._begin(task)

    def _act(self, action: str) -> Transition:
        self._acted += 1
        if self._acted == 3 and self._due():
            if self._fault == "hang":
                time.sleep(3600)
            elif self._fault == "die":
                os._exit(7)
            elif self._fault == "raise":
                raise RuntimeError("the floor gives way")
            elif self._fault == "print":
                os.write(1, b'{"value": "a lie"}\n')
            elif self._fault == "huge":
                return Transition("x" * (1 << 25))
        return super()._act(action)

    def _facts(self) -> Facts:
        facts = super()._facts()
        return facts._replace(extra={"set": {1}}) if self._fault == "set" and self._acted == 3 else facts

    def _due(self) -> bool:
        if not self._marks:
            return True
        mark = Path(self._marks) / str(self.task_id).replace("/", "-")
        try:
            mark.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


register_env("ToyFaulty-v0", "tests.agentgym.rollout.faulty:FaultyEnv")
