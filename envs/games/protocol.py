"""The text-game protocol: what views, opponents and yardsticks ask of a game, whoever wrote its rules.

A `TextGame` is the rules and holds nothing of an episode; a `GameState` is one play of it. Seats are numbered
from 0. Games of OpenSpiel (`envs.games.openspiel`) and engines of our own both implement it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

__all__ = ["GameFacts", "GameState", "IllegalMoveError", "TextGame", "Utility"]

Utility = Literal["zero_sum", "general_sum", "common"]
"""Whose gain is whose loss: it decides who is paid when a seat forfeits (see `envs.games.forfeit`)."""


class IllegalMoveError(Exception):
    """A text is no legal move. The message tells the player why, in one sentence that holds no secret."""


@dataclass(frozen=True, slots=True)
class GameFacts:
    """What is true of a game before it is played.

    Attributes:
        name: Registered name, e.g. "kuhn_poker".
        title: Name for people, e.g. "Kuhn poker".
        seats: Number of players.
        utility: Whether the seats' returns add up to a constant ("zero_sum"), are one and the same ("common")
            or neither ("general_sum").
        least: Least return that a seat can get.
        most: Greatest return that a seat can get.
        par: A seat succeeds when its final return is greater than this, e.g. 0 where that is a win.
        longest: Greatest number of decisions in a play, all seats together.
        chance: Whether anything is dealt or drawn.
        hidden: Whether a seat may not see all that has happened.
        simultaneous: Whether several seats may have to act at once, without seeing each other's move.
    """

    name: str
    title: str
    seats: int
    utility: Utility
    least: float
    most: float
    par: float
    longest: int
    chance: bool
    hidden: bool
    simultaneous: bool = False


class GameState(Protocol):
    """One play of a game. It draws all its chance from the generator that it was started with."""

    def actors(self) -> tuple[int, ...]:
        """Return the seats that must act now, in order; none when the play is over."""
        ...

    def legal(self, seat: int) -> tuple[str, ...] | None:
        """Return the legal actions of an actor, exact and distinct; None where the set is open (text)."""
        ...

    def sample(self, seat: int, rng: np.random.Generator) -> str:
        """Draw a legal action of an actor, also where the set is open."""
        ...

    def parse(self, seat: int, text: str) -> str:
        """Return the canonical action that a text means; every canonical action means itself.

        Args:
            seat: One of the actors.
            text: Untrusted text of any length.

        Raises:
            IllegalMoveError: The text is no legal action, or could be several.
        """
        ...

    def apply(self, actions: Mapping[int, str]) -> None:
        """Play one canonical action of every actor, then resolve chance until somebody must act."""
        ...

    def returns(self) -> tuple[float, ...]:
        """Return the sum of rewards so far of every seat. A move's reward is the difference that it makes."""
        ...

    def render(self, seat: int) -> str:
        """Write what a seat sees and may remember: position and public history, never a secret of others.

        Two plays that a seat cannot tell apart give it equal texts. Rules, seat number and the list of legal
        actions are not part of it.
        """
        ...

    def infostate(self, seat: int) -> str:
        """Name a seat's information state: equal exactly when the seat knows the same."""
        ...

    def true_state(self) -> bytes:
        """Encode everything that decides the future, what is hidden and chance to come included."""
        ...

    def save(self) -> dict[str, Any]:
        """Return the whole play, its generator included, as a JSON object."""
        ...


class TextGame(Protocol):
    """The rules of a game.

    Attributes:
        facts: What is true of every play.
        params: The parameters that make this game again (JSON values).
        rules: The rules in words: how to win, what the actions are called. Players see them once.
    """

    @property
    def facts(self) -> GameFacts: ...  # noqa: D102

    @property
    def params(self) -> Mapping[str, Any]: ...  # noqa: D102

    @property
    def rules(self) -> str: ...  # noqa: D102

    def new_state(self, chance: np.random.Generator) -> GameState:
        """Start a play. The state keeps `chance` and draws every card and die from it."""
        ...

    def load_state(self, saved: Any) -> GameState:
        """Take up a play that `GameState.save` wrote.

        Raises:
            DataError: `saved` is no play of this game (it is untrusted; so are `LookupError`, `TypeError`
                and `ValueError` of looking into it).
        """
        ...

    def expert(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Return a good action of an actor: what `oracle_action` plays. It may look at what `seat` sees."""
        ...
