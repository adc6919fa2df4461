"""Generated games by task id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from agentgym.errors import suggest
from agentgym.tasks import NumberedTasks
from envs.alfworld.domain import DOMAIN, check_domain, write_grammar
from envs.alfworld.game import SPLITS, Game
from envs.alfworld.generator.dice import Dice
from envs.alfworld.generator.difficulty import Difficulty
from envs.alfworld.generator.household import Household, draw_household
from envs.alfworld.generator.walkthrough import walk_through
from envs.alfworld.generator.writing import name_things, write_problem, write_task
from envs.alfworld.goal import TASK_TYPES, TaskType, check_task_type
from envs.alfworld.problem import read_problem

__all__ = ["GAMES_PER_TYPE", "GeneratedGames"]

GAMES_PER_TYPE: Final = 1_000_000
_STREAM: Final = 0  # keys of games begin with it, those of layouts with 1


class _Written(NamedTuple):
    """A game in text: its household, PDDL problem, task in words, and the commands that win."""

    household: Household
    problem: str
    task: str
    walkthrough: tuple[str, ...]


class GeneratedGames:
    """A million games of each type of task in each split, made when they are asked for.

    A game is a function of its id, "<split>/<task type>/<number>", and the difficulty alone, and can be won.
    "train" and "valid_seen" are set in the same 200 rooms of each kind, "valid_unseen" in 50 others: no set
    of receptacles (types and their numbers) of "valid_unseen" occurs in the other two, and no game of
    "valid_seen" (see `Household.digest`) occurs in "train". Both hold for all games and across difficulties,
    because digests decide what belongs where. Within a split a game can come up twice.

    Args:
        difficulty: The name of a preset, values by name, or a `Difficulty`.
        task_types: The types of task to list; all if None.

    Raises:
        ArgumentError: The difficulty is impossible.
        UnknownNameError: A name is unknown. The message lists close matches.
    """

    def __init__(
        self,
        difficulty: str | Mapping[str, Any] | Difficulty = "normal",
        task_types: Sequence[TaskType] | None = None,
    ) -> None:
        self._difficulty = Difficulty.of(difficulty)
        wanted = TASK_TYPES if task_types is None else tuple(dict.fromkeys(map(check_task_type, task_types)))
        self._tasks = {
            split: NumberedTasks({f"{split}/{name}": GAMES_PER_TYPE for name in wanted}, in_turn=True)
            for split in SPLITS
        }

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split, "<split>/<task type>/<number>"; the types take turns.

        Raises:
            UnknownNameError: There is no such split.
        """
        if split not in self._tasks:
            raise suggest("split", split, SPLITS)
        return self._tasks[split]

    def game(self, task: str) -> Game:
        """Make the game of a task.

        Raises:
            UnknownNameError: It is no task of these games.
        """
        return _game(*self._locate(task), self._difficulty)

    def record(self, task: str) -> dict[str, Any]:
        """Make the JSON object that a `game.tw-pddl` of this game holds; TextWorld loads it.

        Raises:
            UnknownNameError: It is no task of these games.
        """
        written = _write(*self._locate(task), self._difficulty)
        return {
            "pddl_domain": DOMAIN,
            "grammar": write_grammar(written.task),
            "pddl_problem": written.problem,
            "solvable": True,
            "walkthrough": list(written.walkthrough),
        }

    def household(self, task: str) -> Household:
        """Make the household of a task, before it is written as PDDL.

        Raises:
            UnknownNameError: It is no task of these games.
        """
        return _write(*self._locate(task), self._difficulty).household

    def _locate(self, task: str) -> tuple[str, TaskType, int]:
        split = task.partition("/")[0]
        found = self._tasks[split].locate(task) if split in self._tasks else None
        if found is None:
            examples = [f"{each}/0" for tasks in self._tasks.values() for each in tasks.counts]
            raise suggest("generated game", task, examples)
        name, number = found
        return split, check_task_type(name.partition("/")[2]), number


@lru_cache(maxsize=64)
def _game(split: str, task_type: TaskType, number: int, difficulty: Difficulty) -> Game:
    """Make a game once: the members of a group and its resets share it."""
    written = _write(split, task_type, number, difficulty)
    return Game(read_problem(written.problem, check_domain(DOMAIN)), written.task, written.walkthrough)


def _write(split: str, task_type: TaskType, number: int, difficulty: Difficulty) -> _Written:
    dice = Dice(_STREAM, SPLITS.index(split), TASK_TYPES.index(task_type), number)
    household = draw_household(task_type, split, dice, difficulty)
    return _Written(
        household,
        write_problem(household, f"generated_{number}"),
        write_task(household.aim, dice.between(0, 1)),
        walk_through(household, [name for _, name in name_things(household)]),
    )
