"""A game: a household, its task in words, and how the people who made it solved it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agentgym.errors import DataError
from envs.alfworld.domain import check_domain, check_grammar
from envs.alfworld.pddl import PddlError
from envs.alfworld.problem import Problem, read_problem

__all__ = ["SPLITS", "Game", "game_from_record", "read_game"]

SPLITS: Final = ("train", "valid_seen", "valid_unseen")


@dataclass(frozen=True, slots=True)
class Game:
    """One game.

    Attributes:
        problem: The household and its goal.
        task: The task in words: "put a mug in desk."
        walkthrough: Commands that win, () where none are known.
    """

    problem: Problem
    task: str
    walkthrough: tuple[str, ...] = ()


def read_game(path: Path) -> Game:
    """Read a `game.tw-pddl`.

    Raises:
        DataError: It is missing or broken, or says what the engine does not know. The message names the file
            and the place in it.
    """
    try:
        return game_from_record(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is no JSON text: {error}. Get the file again.") from error
    except PddlError as error:
        raise DataError(f"{path} cannot be played: {error}.") from error


def game_from_record(record: Any) -> Game:
    """Make a game of the JSON object that a `game.tw-pddl` holds.

    Raises:
        PddlError: It lacks a part, or says what the engine does not know.
    """
    domain, grammar, problem = (_text(record, key) for key in ("pddl_domain", "grammar", "pddl_problem"))
    steps = record.get("walkthrough") or ()
    if not isinstance(steps, list | tuple) or not all(isinstance(step, str) for step in steps):
        raise PddlError("its 'walkthrough' is no list of commands")
    return Game(read_problem(problem, check_domain(domain)), check_grammar(grammar), tuple(steps))


def _text(record: Any, key: str) -> str:
    value = record.get(key) if isinstance(record, Mapping) else None
    if not isinstance(value, str):
        raise PddlError(f"it has no text {key!r}")
    return value
