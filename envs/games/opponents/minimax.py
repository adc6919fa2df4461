"""Perfect play of small games, by backward induction over all positions."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np

from agentgym.errors import ArgumentError
from envs.games.openspiel import SpielGame, spiel_state
from envs.games.protocol import GameState
from envs.games.registration import load_game

__all__ = ["Minimax"]

_MOST_POSITIONS = 100_000


class Minimax:
    """Draws one of the actions that are best against perfect play.

    Args:
        game: A sequential two-player zero-sum game without chance and secrets, with few positions, e.g.
            tic-tac-toe or Nim. It is solved at the first use in a process.

    Raises:
        ArgumentError: The game is no such game.
    """

    name = "minimax@v1"

    def __init__(self, game: SpielGame) -> None:
        facts = game.facts
        fits = facts.seats == 2 and facts.utility == "zero_sum" and game.position_decides
        if not fits or facts.chance or facts.hidden or facts.simultaneous:
            raise ArgumentError(
                f"{facts.name} cannot be solved by minimax: it takes a two-player zero-sum game in which all "
                "is open and positions are few. Pass opponent='mcts:100' or 'random'."
            )
        self._values = _solved(facts.name, json.dumps(game.params, sort_keys=True))

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Draw a best action."""
        own = spiel_state(state)
        worth = {word: self.value(own.spiel.child(number)) for word, number in own.words(seat).items()}
        sign = 1.0 if seat == 0 else -1.0
        top = max(sign * value for value in worth.values())
        best = [word for word, value in worth.items() if sign * value == top]
        return best[int(rng.integers(len(best)))]

    def value(self, spiel: Any) -> float:
        """Return what player 0 gets from a position under perfect play of both."""
        return float(spiel.returns()[0]) if spiel.is_terminal() else self._values[_position(spiel)]


@lru_cache(maxsize=16)
def _solved(name: str, params: str) -> dict[str, float]:
    game = load_game(name, json.loads(params))
    assert isinstance(game, SpielGame)
    values: dict[str, float] = {}
    _solve(game.spiel.new_initial_state(), values, name)
    return values


def _solve(spiel: Any, values: dict[str, float], name: str) -> float:
    if spiel.is_terminal():
        return float(spiel.returns()[0])
    position = _position(spiel)
    if position not in values:
        if len(values) >= _MOST_POSITIONS:
            raise ArgumentError(
                f"{name} has more than {_MOST_POSITIONS:,} positions, too many for minimax. Pass "
                "opponent='mcts:100'."
            )
        worth = [_solve(spiel.child(number), values, name) for number in spiel.legal_actions()]
        values[position] = max(worth) if spiel.current_player() == 0 else min(worth)
    return values[position]


def _position(spiel: Any) -> str:
    return f"{spiel.current_player()}{spiel}"
