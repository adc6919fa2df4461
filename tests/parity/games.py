"""The games that are compared: files of a folder, generated games, and random households."""

from __future__ import annotations

import itertools
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from envs.alfworld.backend import Record
from envs.alfworld.game import Game, game_from_record, read_game
from envs.alfworld.generator import PRESETS, GeneratedGames
from envs.alfworld.goal import TASK_TYPES
from tests.parity.houses import random_house

__all__ = ["Entrant", "files", "generated", "random_houses"]

_FILE = "game.tw-pddl"


class Entrant(NamedTuple):
    """A game that waits to be compared.

    Attributes:
        name: What the report calls it.
        game: Reads it for our engine.
        record: Reads what its file holds, for TextWorld.
    """

    name: str
    game: Callable[[], Game]
    record: Record


def files(folder: Path) -> list[Entrant]:
    """List all `game.tw-pddl` below a folder, those behind links too."""
    places = (Path(place) for place, _, names in os.walk(folder, followlinks=True) if _FILE in names)
    return [
        Entrant(str(path.parent.relative_to(folder)), partial(read_game, path), partial(_read, path))
        for path in sorted(place / _FILE for place in places)
    ]


def generated(count: int) -> list[Entrant]:
    """List generated games, the types of task, splits and difficulties in turn."""
    found = []
    for number, (level, split, kind) in zip(range(count), _kinds(), strict=False):
        source, task = GeneratedGames(level), f"{split}/{kind}/{number}"
        found.append(Entrant(f"{level} {task}", partial(source.game, task), partial(source.record, task)))
    return found


def random_houses(count: int) -> list[Entrant]:
    """List random households."""
    houses = [partial(_draw, seed) for seed in range(count)]
    return [Entrant(f"house {seed}", partial(_game, house), house) for seed, house in enumerate(houses)]


def _kinds() -> Iterator[tuple[str, str, str]]:
    return itertools.cycle(itertools.product(PRESETS, ("train", "valid_seen", "valid_unseen"), TASK_TYPES))


def _game(record: Record) -> Game:
    return game_from_record(record())


def _read(path: Path) -> Mapping[str, Any]:
    record: Mapping[str, Any] = json.loads(path.read_bytes())
    return record


def _draw(seed: int) -> Mapping[str, Any]:
    return random_house(random.Random(seed))
