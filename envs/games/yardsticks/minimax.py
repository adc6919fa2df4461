"""Regret against perfect play, in games of perfect information that can be solved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agentgym.errors import ArgumentError, require

__all__ = ["Solution"]

_MOST_POSITIONS = 100_000


class Solution:
    """The value of every position of a two-player zero-sum game, worked out as it is asked for.

    Args:
        game: A `pyspiel.Game` of perfect information without chance, e.g. tic-tac-toe or nim.

    Raises:
        ArgumentError: The game is of another kind.
    """

    def __init__(self, game: Any) -> None:
        kind, spiel = game.get_type(), require("pyspiel", extra="games", who="the minimax yardstick")
        if (
            kind.dynamics != spiel.GameType.Dynamics.SEQUENTIAL
            or kind.information != spiel.GameType.Information.PERFECT_INFORMATION
            or kind.chance_mode != spiel.GameType.ChanceMode.DETERMINISTIC
            or kind.utility != spiel.GameType.Utility.ZERO_SUM
            or game.num_players() != 2
        ):
            raise ArgumentError(
                f"{game} has no minimax value: that takes two players, a zero sum, and no chance or secrets."
            )
        self._known: dict[str, float] = {}

    def value(self, state: Any) -> float:
        """What the first player gets from here when both play perfectly.

        Raises:
            ArgumentError: The game has too many positions.
        """
        if state.is_terminal():
            return float(state.returns()[0])
        key = f"{state.current_player()}{state}"
        if key not in self._known:
            if len(self._known) >= _MOST_POSITIONS:
                raise ArgumentError(
                    f"The game has more than {_MOST_POSITIONS:,} positions: it is too large to be solved."
                )
            best = max if state.current_player() == 0 else min
            self._known[key] = best(self.value(state.child(action)) for action in state.legal_actions())
        return self._known[key]

    def regret(self, state: Any, action: int) -> float:
        """What the player to move gives away by an action, at least 0."""
        lost = self.value(state) - self.value(state.child(action))
        return lost if state.current_player() == 0 else -lost

    def regrets(self, game: Any, actions: Sequence[int]) -> list[tuple[int, float]]:
        """Walk through a game; return who moved and what it gave away, move by move."""
        state, found = game.new_initial_state(), []
        for action in actions:
            found.append((state.current_player(), self.regret(state, action)))
            state.apply_action(action)
        return found
