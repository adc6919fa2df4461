"""Perfect play in games whose outcome is known."""

from __future__ import annotations

from typing import Any

import pytest

from agentgym.errors import ArgumentError
from envs.games.yardsticks.minimax import Solution

pyspiel: Any = pytest.importorskip("pyspiel", reason="the extra games is not installed")


def test_solution__tic_tac_toe_is_a_draw_and_punishes_the_edge() -> None:
    game = pyspiel.load_game("tic_tac_toe")
    solution, start = Solution(game), game.new_initial_state()
    assert solution.value(start) == 0.0
    corner_then_edge = solution.regrets(game, [0, 1])  # only the centre holds against a corner
    assert corner_then_edge == [(0, 0.0), (1, 1.0)]
    assert solution.regrets(game, [0, 4]) == [(0, 0.0), (1, 0.0)]


def test_solution__nim_is_lost_where_the_piles_cancel() -> None:
    def value(piles: str, misere: bool) -> float:
        game = pyspiel.load_game("nim", {"pile_sizes": piles, "is_misere": misere})
        return Solution(game).value(game.new_initial_state())

    for piles in ("1;2;3", "2;2", "1;3;5;7"):  # 1^2^3 = 2^2 = 1^3^5^7 = 0
        assert value(piles, False) == -1.0
        assert value(piles, True) == -1.0
    assert value("1;2", False) == 1.0
    assert value("1;1", True) == 1.0  # misere: whoever takes the last loses


def test_solution__regret_is_never_negative_and_somebody_pays_for_a_loss() -> None:
    game = pyspiel.load_game("tic_tac_toe")
    regrets = Solution(game).regrets(game, [0, 1, 3, 2, 6])
    assert all(r >= 0 for _, r in regrets)
    assert sum(r for player, r in regrets if player == 1) == 1.0


@pytest.mark.parametrize("name", ["kuhn_poker", "backgammon", "matrix_pd", "hanabi"])
def test_solution__refuses_games_with_chance_or_secrets(name: str) -> None:
    with pytest.raises(ArgumentError, match="no minimax value"):
        Solution(pyspiel.load_game(name))
