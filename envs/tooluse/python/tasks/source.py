"""Tasks by number: ids, and which question each stands for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from agentgym.errors import ArgumentError, suggest
from agentgym.hashing import digest
from agentgym.tasks import NumberedTasks
from envs.tooluse.python.tasks.algebra import algebra
from envs.tooluse.python.tasks.arithmetic import arithmetic
from envs.tooluse.python.tasks.programs import program
from envs.tooluse.python.tasks.task import MathTask

__all__ = ["KINDS", "LEVELS", "SPLITS", "math_task", "numbered"]

SPLITS: Final = ("train", "validation", "test")
LEVELS: Final = (1, 2, 3)
KINDS: Final[Mapping[str, Callable[[int, np.random.Generator], MathTask]]] = {
    "arithmetic": arithmetic,
    "algebra": algebra,
    "program": program,
}
_COUNT: Final = 1_000_000
_OWNERS: Final = ("train",) * 8 + ("validation", "test")


def numbered(split: str, kinds: Sequence[str], levels: Sequence[int]) -> NumberedTasks:
    """List the ids "<split>/<kind>-<level>/<number>", the kinds and levels taking turns.

    Raises:
        ArgumentError: There is no such kind or level, or none is asked for.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise suggest("kind of question", str(kind), KINDS)
    if not set(levels) <= set(LEVELS) or not kinds or not levels:
        raise ArgumentError(
            f"`levels` is {levels!r} and `kinds` {kinds!r}. Levels are 1, 2 and 3; pass some of each."
        )
    names = [f"{split}/{kind}-{level}" for level in sorted(set(levels)) for kind in dict.fromkeys(kinds)]
    return NumberedTasks(dict.fromkeys(names, _COUNT), in_turn=True)


@lru_cache(maxsize=8)
def math_task(task: str) -> MathTask:
    """Make the question of an id.

    The text of a question decides which split owns it: questions are drawn until one belongs to the split of
    the id, so no two splits share any.
    """
    split, name, number = task.split("/")
    kind, _, level = name.partition("-")
    place = list(KINDS).index(kind)
    for attempt in itertools.count():
        rng = np.random.default_rng([place, int(level), SPLITS.index(split), int(number), attempt])
        made = KINDS[kind](int(level), rng)
        if _OWNERS[int(digest(made.question), 16) % len(_OWNERS)] == split:
            return made
    raise AssertionError("count() does not end")
