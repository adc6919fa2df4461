"""Monte-Carlo tree search of OpenSpiel, for games in which all is open."""

from __future__ import annotations

import numpy as np

from agentgym.errors import ArgumentError, require
from envs.games.openspiel import SpielGame, spiel_state
from envs.games.protocol import GameState

__all__ = ["MCTS"]

_EXPLORATION = 2.0
_MEMORY_MB = 200


class MCTS:
    """Monte-Carlo tree search with random rollouts, as in MARS: uct_c 2, no solver.

    It clones the true state, hidden cards included; so it is refused where there are any.

    Args:
        game: A sequential game in which all is open.
        simulations: Number of simulations for a move.
        rollouts: Number of random plays that value a leaf.

    Raises:
        ArgumentError: The game has secrets or simultaneous moves, or keeps its own chance.
    """

    def __init__(self, game: SpielGame, simulations: int, rollouts: int = 1) -> None:
        facts = game.facts
        if facts.hidden or facts.simultaneous or _samples_itself(game):
            raise ArgumentError(
                f"mcts would look at what is hidden in {facts.name}, or cannot search it. Pass "
                "opponent='ismcts:1000', 'nash' or 'random'."
            )
        self.name = f"mcts-{simulations}x{rollouts}@v1"
        self._game, self._simulations, self._rollouts = game, simulations, rollouts

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Search from the present position."""
        pyspiel = require("pyspiel", extra="games", who="mcts")
        one, other = (int(seed) for seed in rng.integers(1 << 31, size=2))
        evaluator = pyspiel.RandomRolloutEvaluator(self._rollouts, one)
        bot = pyspiel.MCTSBot(
            self._game.spiel, evaluator, _EXPLORATION, self._simulations, _MEMORY_MB, False, other, False
        )
        own = spiel_state(state)
        chosen = bot.step(own.spiel)
        return next(word for word, number in own.words(seat).items() if number == chosen)


def _samples_itself(game: SpielGame) -> bool:
    return bool(game.spiel.get_type().chance_mode.name == "SAMPLED_STOCHASTIC")
