"""Perfect play of small games, by backward induction over all positions."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np

from agentgym.errors import ArgumentError
from envs.games.openspiel import SpielGame, spiel_state
from envs.games.protocol import GameState
from envs.games.registration import load_game
from envs.games.yardsticks.minimax import Solution

__all__ = ["Minimax"]


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
        if not game.position_decides:
            raise ArgumentError(
                f"{game.facts.name} cannot be solved by minimax: it takes a small two-player zero-sum game "
                "in which all is open. Pass opponent='mcts:100' or 'random'."
            )
        self._rules = game.facts.name, json.dumps(game.params, sort_keys=True)
        _solution(*self._rules)

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Draw a best action."""
        own, solution = spiel_state(state), _solution(*self._rules)
        regrets = {word: solution.regret(own.spiel, number) for word, number in own.words(seat).items()}
        least = min(regrets.values())
        best = [word for word, regret in regrets.items() if regret == least]
        return best[int(rng.integers(len(best)))]


@lru_cache(maxsize=16)
def _solution(name: str, params: str) -> Solution:
    game = load_game(name, json.loads(params))
    assert isinstance(game, SpielGame)  # its name came from one
    solution = Solution(game.spiel)
    solution.value(game.spiel.new_initial_state())
    return solution
