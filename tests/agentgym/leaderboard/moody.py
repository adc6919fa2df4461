"""A corridor that misbehaves where $MOOD says so, as slow, greedy or fragile code of others may."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import Final

from agentgym import Transition, register_env
from agentgym.errors import DataError
from tests.toys import CorridorEnv

__all__ = ["MOODY_ID", "TURN"]

MOODY_ID: Final = "agentgym/MoodyCorridor-v0"
TURN: Final = 2
"""The turn at which the mood shows, in task test/4-east."""


class MoodyEnv(CorridorEnv):
    """A corridor in which turn 2 of one task may hang, eat memory, die, or call the network."""

    def _begin(self, task: str) -> str:
        self._turn = 0
        if os.environ.get("MOOD") == "lacking" and task == "test/4-east":
            raise DataError("levels.txt is missing")
        return super()._begin(task)

    def _act(self, action: str) -> Transition:
        if self._turn == TURN and self._task == "test/4-east":
            self._misbehave(os.environ.get("MOOD", "calm"))
        self._turn += 1
        return super()._act(action)

    def _misbehave(self, mood: str) -> None:
        match mood:
            case "hanging":
                time.sleep(3600)
            case "spinning":
                while True:
                    pass
            case "greedy":
                bytearray(16 << 30)
            case "dying":
                os.kill(os.getpid(), signal.SIGKILL)
            case "calling":
                socket.create_connection(("127.0.0.1", int(os.environ["MOOD_PORT"])), timeout=5)


register_env("MoodyCorridor-v0", "tests.agentgym.leaderboard.moody:MoodyEnv")
