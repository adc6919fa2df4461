"""What an opponent is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from envs.games.match import Match
from envs.games.protocol import GameState

__all__ = ["Player", "Strategist", "Strategy"]


class Strategy(Protocol):
    """A way to choose legal actions by looking at a state.

    It keeps nothing between two calls, so that it needs no place in a snapshot, and looks at no more of the
    state than its seat may see.
    """

    @property
    def name(self) -> str:
        """Kind, settings and version, e.g. "mcts-100x10@v1": compare results under one name only."""
        ...

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Return a legal action of `seat`; all chance comes from `rng`."""
        ...


class Player(Protocol):
    """Somebody who speaks at a match; an illegal text is treated like anybody's. It keeps nothing, either."""

    @property
    def name(self) -> str:
        """As of a `Strategy`."""
        ...

    def speak(self, match: Match, seat: int, rng: np.random.Generator) -> str:
        """Return the text of `seat`; all chance comes from `rng`."""
        ...


@dataclass(frozen=True, slots=True)
class Strategist:
    """The player who does what a strategy says."""

    strategy: Strategy

    @property
    def name(self) -> str:
        """The name of the strategy."""
        return self.strategy.name

    def speak(self, match: Match, seat: int, rng: np.random.Generator) -> str:
        """Say the action."""
        return self.strategy.act(match.state, seat, rng)
