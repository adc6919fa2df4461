"""Tree search of OpenSpiel: MCTS where all is open, information-set MCTS where cards are hidden."""

from __future__ import annotations

from typing import Any

import numpy as np

from agentgym.errors import ArgumentError, require
from envs.games.openspiel import SpielGame, spiel_state
from envs.games.protocol import GameState

__all__ = ["ISMCTS", "MCTS"]

_EXPLORATION = 2.0
_MEMORY_MB = 200
_NO_LIMIT = -1


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
        return _word(state, seat, bot)


class ISMCTS:
    """Information-set Monte-Carlo tree search: it resamples what its seat cannot see.

    Args:
        game: A sequential game whose states OpenSpiel can resample, e.g. Kuhn, Leduc, gin rummy, bargaining.
        simulations: Number of simulations for a move.

    Raises:
        ArgumentError: OpenSpiel cannot resample the game.
    """

    def __init__(self, game: SpielGame, simulations: int) -> None:
        if game.facts.simultaneous or not game.has_infostates or not _resamples(game):
            raise ArgumentError(
                f"ismcts cannot play {game.facts.name}: OpenSpiel does not resample its hidden part. Pass "
                "opponent='random'."
            )
        self.name = f"ismcts-{simulations}@v1"
        self._game, self._simulations = game, simulations

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Search from what the seat knows."""
        pyspiel = require("pyspiel", extra="games", who="ismcts")
        one, other = (int(seed) for seed in rng.integers(1 << 31, size=2))
        evaluator = pyspiel.RandomRolloutEvaluator(1, one)
        final = pyspiel.ISMCTSFinalPolicyType.MAX_VISIT_COUNT
        bot = pyspiel.ISMCTSBot(
            other, evaluator, _EXPLORATION, self._simulations, _NO_LIMIT, final, False, False
        )
        return _word(state, seat, bot)


def _word(state: GameState, seat: int, bot: Any) -> str:
    own = spiel_state(state)
    chosen = bot.step(own.spiel)
    return next(word for word, number in own.words(seat).items() if number == chosen)


def _samples_itself(game: SpielGame) -> bool:
    return bool(game.spiel.get_type().chance_mode.name == "SAMPLED_STOCHASTIC")


def _resamples(game: SpielGame) -> bool:
    pyspiel = require("pyspiel", extra="games", who="ismcts")
    state = game.new_state(np.random.default_rng(0))
    try:
        state.spiel.resample_from_infostate(state.actors()[0], pyspiel.UniformProbabilitySampler(0.0, 1.0))
    except pyspiel.SpielError:
        return False
    return True
