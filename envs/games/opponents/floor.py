"""The floor: opponents that look at nothing but the list of legal actions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from envs.games.protocol import GameState, TextGame

__all__ = ["Expert", "First", "Uniform"]


@dataclass(frozen=True, slots=True)
class Uniform:
    """Draws a legal action, all being equally likely."""

    name: str = "random@v1"

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Draw."""
        return state.sample(seat, rng)


@dataclass(frozen=True, slots=True)
class First:
    """Takes the first legal action; where the set is open, the one drawn by a fixed generator."""

    name: str = "first@v1"

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Take it."""
        legal = state.legal(seat)
        return legal[0] if legal else state.sample(seat, np.random.default_rng(0))


@dataclass(frozen=True, slots=True)
class Expert:
    """Plays what the game's own expert plays."""

    game: TextGame
    name: str = "expert@v1"

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Ask the game."""
        return self.game.expert(state, seat, rng)
