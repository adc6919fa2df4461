"""Plays games on our engine and on TextWorld side by side and notes every difference."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from envs.alfworld.backend import NativeBackend, Record
from envs.alfworld.game import Game
from envs.alfworld.progress import SubGoals
from envs.alfworld.textworld import TextWorldBackend
from envs.alfworld.world import Move, World

__all__ = ["Difference", "Tally", "compare"]

NONSENSE: Final = ("eat apple 1", "go to", "take", "open everything", "", "help me", "use", "slice apple 1")
_DULL: Final = frozenset({"go", "look", "help", "inventory", "close", "examine receptacle"})
_KNIVES: Final = ("knifetype", "butterknifetype")

Walk = Callable[[World, random.Random, Counter[str]], str | None]
"""Chooses the next command, None to stop; told how often each verb was tried in this game."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A state in which the two do not agree.

    Attributes:
        game: Name of the game.
        commands: What led there.
        what: "observation", "valid", "admissible", "won", "state", "key" or "error".
        ours: What our engine says.
        theirs: What TextWorld says.
    """

    game: str
    commands: tuple[str, ...]
    what: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        path = " > ".join(self.commands) or "start"
        return f"{self.game}, {path}: {self.what}\n  ours:   {self.ours!r}\n  theirs: {self.theirs!r}"


@dataclass(slots=True)
class Tally:
    """What was compared.

    Attributes:
        games: Number of games.
        states: Number of states.
        verbs: How often each verb was carried out.
        differences: Every state in which the two did not agree; a walk ends there.
    """

    games: int = 0
    states: int = 0
    verbs: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.games += other.games
        self.states += other.states
        self.verbs += other.verbs
        self.differences += other.differences


def compare(
    name: str, game: Game, record: Record, stock: TextWorldBackend, *, seed: int = 0, steps: int = 30
) -> Tally:
    """Compare a game in every state of three walks: the walkthrough, an eager one and one after rare verbs.

    Args:
        name: What to call the game.
        game: The game.
        record: Reads what its file holds, for TextWorld.
        stock: TextWorld; whatever it plays is ended.
        seed: Decides the walks, together with the name.
        steps: Length of a walk.
    """
    tally = Tally(games=1)
    rng = random.Random(f"{seed}/{name}")
    for walk in (_follow(game.walkthrough), eager_walk, rare_walk):
        pair = _Pair(game, record, stock)
        commands = list[str]()
        while len(commands) <= steps:
            tally.states += 1
            unlike = pair.difference()
            if unlike is not None:
                tally.differences.append(Difference(name, tuple(commands), *unlike))
                break
            command = walk(pair.ours.world, rng, tally.verbs)
            if command is None:
                break
            move = pair.ours.world.moves().get(command)
            tally.verbs["nonsense" if move is None else move.verb] += 1
            commands.append(command)
            pair.act(command)
    return tally


class _Pair:
    """The same game on both engines."""

    def __init__(self, game: Game, record: Record, stock: TextWorldBackend) -> None:
        self.ours, self._stock, self._goals = NativeBackend(), stock, SubGoals(game.problem)
        self._said = (self.ours.begin(game, record), True), (stock.begin(game, record), True)

    def act(self, command: str) -> None:
        self._said = self.ours.act(command), self._stock.act(command)

    def difference(self) -> tuple[str, str, str] | None:
        """What differs now, and what each says of it."""
        for what, ours, theirs in self._views():
            if ours != theirs:
                return what, str(ours), str(theirs)
        return None

    def _views(self) -> Iterator[tuple[str, object, object]]:
        ours, stock = self.ours, self._stock
        (text, valid), (their_text, their_valid) = self._said
        yield "observation", text, their_text
        yield "valid", valid, their_valid
        yield "admissible", ours.admissible(), stock.admissible()
        yield "won", self._goals.won(ours.world), stock.won
        yield "state", ours.world.save(), stock.world.save()
        yield "key", ours.world.key, stock.world.key


def _follow(commands: tuple[str, ...]) -> Walk:
    ahead = iter(commands)
    return lambda world, rng, tried: next(ahead, None)


def eager_walk(world: World, rng: random.Random, tried: Counter[str]) -> str:
    """Mostly do something to objects; now and then look, or say what makes no sense."""
    chance = rng.random()
    if chance < 0.1:
        return rng.choice(NONSENSE) if chance < 0.03 else "look"
    moves = world.moves()
    keen = sorted(command for command, move in moves.items() if move.verb not in _DULL)
    return rng.choice(keen) if keen and rng.random() < 0.65 else rng.choice(sorted(moves))


def rare_walk(world: World, rng: random.Random, tried: Counter[str]) -> str:
    """Do what was tried least, or what allows it next."""
    moves = world.moves()
    ranked = {
        command: _rank(world, move, tried) + rng.random() / 2 for command, move in sorted(moves.items())
    }
    return min(ranked, key=lambda command: ranked[command])


def _rank(world: World, move: Move, tried: Counter[str]) -> float:
    """How often the verb was tried, dull ones thrice; where it leads to a rarer verb, that one's rank."""
    ranks = [tried[move.verb] * (3.0 if move.verb in _DULL else 1.0)]
    if move.verb == "take" and world.problem.types[move.what] in _KNIVES:
        ranks.append(tried["slice"] + 1.0)
    if move.verb in ("go", "open", "take"):
        after = world.copy()
        after.apply(move)
        new = {each.verb for each in after.moves().values()} - {each.verb for each in world.moves().values()}
        ranks.extend(tried[verb] + 1.0 for verb in new - _DULL)
    return min(ranks)
