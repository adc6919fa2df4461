"""Play a game on our own engine and keep what is seen, as `stock.py` does on TextWorld."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from envs.alfworld.game import Game
from envs.alfworld.progress import SubGoals
from envs.alfworld.text import feedback, introduce
from envs.alfworld.world import World


class Seen(NamedTuple):
    """The text, the sorted admissible commands, and whether the game is won."""

    text: str
    admissible: list[str]
    won: bool


def follow(game: Game, commands: Sequence[str]) -> list[Seen]:
    """What is seen at the start and after each command; all of them must be admissible."""
    world, goals = World(game.problem), SubGoals(game.problem)
    seen = [Seen(introduce(world, game.task), sorted(world.moves()), goals.won(world))]
    for command in commands:
        moves = world.moves()
        assert command in moves, f"{command} is not admissible in {game.task}"
        world.apply(moves[command])
        seen.append(Seen(feedback(world, moves[command]), sorted(world.moves()), goals.won(world)))
    return seen
