"""Equilibrium of small games with hidden cards, solved by CFR+ at the first use in a process."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np

from agentgym.errors import ArgumentError, require
from envs.games.openspiel import SpielGame, spiel_state
from envs.games.protocol import GameState
from envs.games.registration import load_game

__all__ = ["Nash"]

_MOST_HISTORIES = 50_000
Policy = dict[str, list[tuple[int, float]]]


class Nash:
    """Draws from the average policy of CFR+.

    Kuhn poker takes 0.05 s for 1000 iterations (exploitability 1e-4), Leduc with `suit_isomorphism` 0.8 s for
    400 (1e-3).

    Args:
        game: A sequential zero-sum game with few histories, e.g. Kuhn, Leduc, liar's dice with three sides.
        iterations: Number of iterations.

    Raises:
        ArgumentError: The game is no such game.
    """

    def __init__(self, game: SpielGame, iterations: int = 400) -> None:
        facts = game.facts
        if facts.utility != "zero_sum" or facts.simultaneous or not game.has_infostates:
            raise ArgumentError(
                f"{facts.name} cannot be solved by CFR: it takes a sequential zero-sum game. Pass "
                "opponent='random'."
            )
        self.name = f"cfr-{iterations}@v1"
        self._rules = facts.name, json.dumps(game.params, sort_keys=True), iterations
        self.policy()

    def act(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Draw an action."""
        own = spiel_state(state)
        left = rng.random()
        chances = self.policy()[own.spiel.information_state_string(seat)]
        words = {number: word for word, number in own.words(seat).items()}
        for number, probability in chances:
            left -= probability
            if left < 0.0:
                return words[number]
        return words[max(chances, key=lambda chance: chance[1])[0]]

    def policy(self) -> Policy:
        """Return the average policy: [(action number, probability), ...] of every information state."""
        return _solved(*self._rules)


@lru_cache(maxsize=16)
def _solved(name: str, params: str, iterations: int) -> Policy:
    pyspiel = require("pyspiel", extra="games", who="nash")
    game = load_game(name, json.loads(params))
    assert isinstance(game, SpielGame)  # its name came from one
    if not _is_small(game.spiel):
        raise ArgumentError(
            f"{name} has more than {_MOST_HISTORIES:,} histories, too many to be solved at first use. Pass "
            "opponent='random', or smaller parameters (dice_sides=3, suit_isomorphism=True)."
        )
    solver = pyspiel.CFRPlusSolver(game.spiel)
    for _ in range(iterations):
        solver.evaluate_and_update_policy()
    table: Policy = solver.tabular_average_policy().policy_table()
    return table


def _is_small(spiel: Any) -> bool:
    left, stack = _MOST_HISTORIES, [spiel.new_initial_state()]
    while stack and left:
        state = stack.pop()
        left -= 1
        if not state.is_terminal():
            stack += [state.child(number) for number in state.legal_actions()]
    return not stack
