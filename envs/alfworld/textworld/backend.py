"""The stock stack behind the backend's interface."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from typing import Any, Final

from agentgym.errors import DataError, EpisodeOverError, MissingExtraError, require
from envs.alfworld.backend import Backend, Record
from envs.alfworld.game import Game
from envs.alfworld.textworld.facts import FactReader
from envs.alfworld.textworld.process import Worker
from envs.alfworld.world import World

__all__ = ["TextWorldBackend"]

_PACKAGES: Final = ("alfworld", "textworld", "fast_downward")


@dataclass(slots=True)
class _Play:
    """A game that is being played.

    Attributes:
        game: The game.
        record: Reads its file again.
        reader: Reads its facts.
        commands: The admissible commands so far.
        state: TextWorld's last answer.
    """

    game: Game
    record: Record
    reader: FactReader
    commands: list[str]
    state: dict[str, Any]


class TextWorldBackend(Backend):
    """TextWorld and ALFWorld as they are, in a process of their own, since TextWorld is not thread-safe.

    Texts, admissible commands and state come from TextWorld alone. A saved state is the list of commands
    that led to it; taking it up plays them again.

    Args:
        timeout_s: How long TextWorld may take to start, to load a game, and for a step; may be set later.

    Raises:
        MissingExtraError: TextWorld or ALFWorld is not installed, or does not run on this Python.
    """

    def __init__(self, timeout_s: float = 120.0) -> None:
        if sys.version_info >= (3, 13):
            raise MissingExtraError(
                "backend='textworld' needs Python 3.11 or 3.12: on newer ones TextWorld writes no text. "
                "Use backend='native', which plays the same games."
            )
        for package in _PACKAGES:
            if importlib.util.find_spec(package) is None:  # to import what is there is left to the process
                require(package, extra="alfworld", who="backend='textworld'")
        self.timeout_s = timeout_s
        self._worker: Worker | None = None
        self._play: _Play | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs to play the same game in a process of its own."""
        play = self._play
        kept = None if play is None else (play.game, dict(play.record()), play.commands)
        return {"timeout_s": self.timeout_s, "play": kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.timeout_s, self._worker, self._play = state["timeout_s"], None, None
        if state["play"] is not None:
            game, record, commands = state["play"]
            self._replay(game, lambda: record, commands)

    @property
    def pid(self) -> int | None:
        """Number of the process; None where none runs."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    @property
    def world(self) -> World:
        """The true state, made of TextWorld's facts."""
        return self._playing.reader.world(self._playing.state["facts"])

    @property
    def won(self) -> bool:
        """Whether TextWorld says that the goal is reached."""
        return bool(self._playing.state["won"])

    def begin(self, game: Game, record: Record) -> str:
        """Start a game; return the first observation.

        Raises:
            WorkerError: The process fails.
        """
        last, self._play = self._play, None
        if self._worker is None or self.pid is None:
            last, self._worker = None, Worker(self.timeout_s)
        again = last is not None and last.game == game
        state = self._worker.ask({"begin": None if again else dict(record())}, self.timeout_s)
        self._play = _Play(game, record, FactReader(game.problem, state["facts"]), [], state)
        return str(state["observation"])

    def admissible(self) -> tuple[str, ...]:
        """The commands that have an effect now, sorted."""
        return tuple(self._playing.state["admissible"])

    def act(self, command: str) -> tuple[str, bool]:
        """Carry out a command; return the observation and whether the command was admissible.

        Raises:
            WorkerError: The process fails.
        """
        play, worker = self._playing, self._worker
        assert worker is not None  # a game that is being played has one
        valid = command in play.state["admissible"]
        play.state = worker.ask({"act": command}, self.timeout_s)
        if valid:
            play.commands.append(command)
        return str(play.state["observation"]), valid

    def save(self) -> list[str]:
        """Return the admissible commands so far."""
        return list(self._playing.commands)

    def load(self, game: Game, record: Record, saved: Any) -> None:
        """Play what `save` returned; where that cannot be done, take up the present game again."""
        if not isinstance(saved, list) or not all(isinstance(command, str) for command in saved):
            raise DataError("its state is no list of commands")
        before = self._play
        try:
            self._replay(game, record, saved)
        except DataError:
            if before is not None:
                self._replay(before.game, before.record, before.commands)
            raise

    def close(self) -> None:
        """End the process."""
        if self._worker is not None:
            self._worker.close()
        self._worker, self._play = None, None

    @property
    def _playing(self) -> _Play:
        if self._play is None:
            raise EpisodeOverError("TextWorld plays no game: it was closed, or failed. Call reset() first.")
        return self._play

    def _replay(self, game: Game, record: Record, commands: list[str]) -> None:
        self.begin(game, record)
        for command in commands:
            if not self.act(command)[1]:
                raise DataError(f"its command {command[:80]!r} is not admissible where it stands")
