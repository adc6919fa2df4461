"""An expert that plans once and follows its plan for as long as the board agrees with it."""

from __future__ import annotations

from envs.sokoban.rules import Board, legal_moves, move, offset, player_position
from envs.sokoban.solver import solve

__all__ = ["Oracle"]


class Oracle:
    """Looks a board up in its plan; a board that is not in it is planned anew."""

    def __init__(self) -> None:
        self._plan: dict[bytes, int] = {}

    def direction(self, board: Board) -> int | None:
        """Say where to go.

        Args:
            board: Shape (H, W), uint8; not changed.

        Returns:
            The plan's direction. Where the level cannot be solved any more, or not within the solver's
            budget, the first direction that changes the board; None where there is none.
        """
        if board.tobytes() not in self._plan:
            self._plan = _plan(board)
        direction = self._plan.get(board.tobytes())
        if direction is not None:
            return direction
        legal = legal_moves(board, player_position(board))
        return next((d for d in range(4) if legal >> d & 1), None)


def _plan(board: Board) -> dict[bytes, int]:
    """Solve a board; map every board on the way to the direction to take from it."""
    board = board.copy()
    plan = dict[bytes, int]()
    player = player_position(board)
    for direction in solve(board.copy()).moves:
        plan[board.tobytes()] = direction
        move(board, player, direction)
        player += offset(direction, board.shape[1])
    return plan
