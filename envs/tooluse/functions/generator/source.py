"""Generated cases, by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from agentgym.errors import ArgumentError, suggest
from agentgym.hashing import digest
from agentgym.tasks import NumberedTasks
from envs.tooluse.functions.case import MultiTurnCase
from envs.tooluse.functions.generator.conversation import write_case
from envs.tooluse.functions.generator.difficulty import Difficulty
from envs.tooluse.functions.generator.words import Draw
from envs.tooluse.functions.services import SERVICES

__all__ = ["SPLITS", "GeneratedCases"]

SPLITS: Final = ("train", "validation", "test")
_COUNT: Final = 1_000_000
_STREAM: Final = 0xFC
_SHARES: Final = {"train": range(8), "validation": range(8, 9), "test": range(9, 10)}


class GeneratedCases:
    """A million cases for each split and service, "<split>/<service>/<number>".

    Two splits have no case in common: what the user says and the state of the services decide, by a digest,
    to which split a conversation can belong, and others are drawn again.

    Args:
        difficulty: A name, some fields of `Difficulty`, or a `Difficulty`.
        services: The services whose tasks are listed; None: all.

    Raises:
        UnknownNameError: There is no such service or difficulty.
        ArgumentError: `services` is empty, or a value of the difficulty is out of its range.
    """

    default_split = "train"
    at_once = False

    def __init__(
        self, difficulty: str | Mapping[str, Any] | Difficulty, services: Sequence[str] | None = None
    ) -> None:
        self._difficulty = Difficulty.of(difficulty)
        listed = _known(tuple(SERVICES) if services is None else services)
        self._tasks = {
            split: NumberedTasks({f"{split}/{name}": _COUNT for name in listed}, in_turn=True)
            for split in SPLITS
        }

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        return self._tasks[split]

    def case(self, task: str) -> MultiTurnCase:
        """Make a case.

        Raises:
            UnknownNameError: It is no task of these.
        """
        split = task.partition("/")[0]
        found = self._tasks[split].locate(task) if split in self._tasks else None
        if found is None:
            raise suggest("generated task", task, [each[0] for each in self._tasks.values()])
        name, number = found
        return _case(split, name.partition("/")[2], number, self._difficulty)


def _known(services: Sequence[str]) -> tuple[str, ...]:
    names = (services,) if isinstance(services, str) else tuple(dict.fromkeys(services))
    for name in names:
        if name not in SERVICES:
            raise suggest("service", str(name), SERVICES)
    if not names:
        raise ArgumentError("`services` is empty. Name at least one service, or leave it out.")
    return names


@lru_cache(maxsize=64)
def _case(split: str, service: str, number: int, difficulty: Difficulty) -> MultiTurnCase:
    """Make a case once: the members of a group and its resets share it."""
    key = (_STREAM, SPLITS.index(split), tuple(SERVICES).index(service), number)
    draw = Draw(np.random.Generator(np.random.PCG64(np.random.SeedSequence(key))))
    while True:
        case = write_case(f"{split}/{service}/{number}", service, difficulty, draw)
        content = [case.services, case.scenario, case.words]
        if int(digest(content)[:8], 16) % 10 in _SHARES[split]:
            return case
