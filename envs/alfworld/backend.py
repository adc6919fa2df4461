"""What plays a game: our own engine here, TextWorld in `envs.alfworld.textworld`. Both behave alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from envs.alfworld.game import Game
from envs.alfworld.text import NOTHING_HAPPENS, feedback, introduce
from envs.alfworld.world import Move, World

__all__ = ["Backend", "NativeBackend", "Record"]

Record = Callable[[], Mapping[str, Any]]
"""Reads the JSON object that a `game.tw-pddl` holds."""


class Backend(Protocol):
    """Plays one game at a time."""

    @property
    def world(self) -> World:
        """The true state."""
        ...

    def begin(self, game: Game, record: Record) -> str:
        """Start a game; return the first observation."""
        ...

    def admissible(self) -> tuple[str, ...]:
        """The commands that have an effect now, sorted."""
        ...

    def act(self, command: str) -> tuple[str, bool]:
        """Carry out a command; return the observation and whether the command was admissible."""
        ...

    def save(self) -> Any:
        """Return the state as a JSON value."""
        ...

    def load(self, game: Game, record: Record, saved: Any) -> None:
        """Take up a state that `save` returned. It is untrusted: raise before changing anything.

        Raises:
            DataError: It is no state of this game.
        """
        ...

    def close(self) -> None:
        """Let go of what the backend holds."""
        ...


class NativeBackend(Backend):
    """Our own engine. Instances share nothing but households that never change, so threads may use many."""

    def __init__(self) -> None:
        self._world: World | None = None
        self._moves: dict[str, Move] = {}

    @property
    def world(self) -> World:
        """The true state."""
        assert self._world is not None  # the environment begins a game before it asks
        return self._world

    def begin(self, game: Game, record: Record) -> str:
        """Start a game; return the first observation."""
        self._take(World(game.problem))
        return introduce(self.world, game.task)

    def admissible(self) -> tuple[str, ...]:
        """The commands that have an effect now, sorted."""
        return tuple(sorted(self._moves))

    def act(self, command: str) -> tuple[str, bool]:
        """Carry out a command; return the observation and whether the command was admissible."""
        move = self._moves.get(command)
        if move is None:
            return NOTHING_HAPPENS, False
        self.world.apply(move)
        self._moves = self.world.moves()
        return feedback(self.world, move), True

    def save(self) -> dict[str, Any]:
        """Return the state as a JSON object."""
        return self.world.save()

    def load(self, game: Game, record: Record, saved: Any) -> None:
        """Take up a state that `save` returned."""
        self._take(World.load(game.problem, saved))

    def close(self) -> None:
        """Do nothing: the engine holds nothing."""

    def _take(self, world: World) -> None:
        self._world = world
        self._moves = world.moves()
