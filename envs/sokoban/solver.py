"""The oracle: a plan for any Sokoban board, or the proof that there is none.

Distances that know on which side of a box the player is, dead cells, frozen boxes, corrals, an assignment
lower bound, and a weighted best-first search over pushes. The plan need not be the shortest one. See `floor`,
`deadlocks`, `corrals`, `matching`, `arena` and `search` for the parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError
from envs.sokoban.arena import EXPANDED, grown, new_arena
from envs.sokoban.floor import Floor, lay_floor
from envs.sokoban.plan import pushes_to, walk_out
from envs.sokoban.rules import (
    BOX,
    MOVED,
    PLAYER,
    PUSHED,
    TARGET,
    WALL,
    Board,
    boxes_off_target,
    move,
    offset,
    player_position,
)
from envs.sokoban.search import BUDGET, FULL, SOLVED, begin, requeue, search

__all__ = ["NODE_BUDGET", "Solution", "solve"]

NODE_BUDGET: Final = 200_000
LARGEST: Final = 128 * 128  # squares of a board: slots are stored in 16 bits
STAGES: Final = ((300, 2), (1_000, 4), (1 << 62, 6))
"""Positions expanded up to which a weight is used, and the weight: short plans first, then any plan."""

Status = Literal["solved", "unsolvable", "budget"]


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver found.

    Attributes:
        moves: The plan: 0 up, 1 down, 2 left, 3 right; empty unless `status` is "solved".
        pushes: How many of the moves push a box.
        status: "unsolvable" only if every position that matters was searched; "budget" if the budget ran out.
        nodes: Positions expanded.
    """

    moves: tuple[int, ...]
    pushes: int
    status: Status
    nodes: int


def solve(board: Board, node_budget: int = NODE_BUDGET) -> Solution:
    """Plan the moves that put every box on a target.

    Args:
        board: Shape (H, W), uint8, flags of `envs.sokoban.rules`; not changed. Off the board is wall.
        node_budget: Positions to expand at most, at least 1.

    Returns:
        The plan, executed on a copy of the board before it is handed out. The same board and budget always
        give the same plan.

    Raises:
        ArgumentError: The board has not exactly one player or is too large, or the budget is below 1.
    """
    walled = _walled(board, node_budget)
    if boxes_off_target(walled) == 0:
        return Solution((), 0, "solved", 0)
    player = player_position(walled)
    floor, number = lay_floor(walled, player)
    flat = walled.ravel()
    boxes = number[(flat & BOX) != 0]
    out_of_reach = (flat & (BOX | TARGET)) == BOX
    if np.any(number[out_of_reach] < 0):
        return Solution((), 0, "unsolvable", 0)
    boxes = boxes[boxes >= 0]
    if len(boxes) > floor.distance.shape[1]:
        return Solution((), 0, "unsolvable", 0)
    status, nodes, moves = _search(floor, int(number[player]), boxes, node_budget)
    if status != "solved":
        return Solution((), 0, status, nodes)
    plan = tuple(moves.tolist())
    return Solution(plan, _prove(walled, player, plan), status, nodes)


def _walled(board: Board, node_budget: int) -> Board:
    """Check the arguments of `solve`; return a copy of the board with a wall around it."""
    if node_budget < 1:
        raise ArgumentError(f"`node_budget` is {node_budget}. It must be at least 1.")
    if board.ndim != 2 or np.count_nonzero(board & PLAYER) != 1:
        raise ArgumentError(
            "The board must be a matrix with exactly one PLAYER. Load it with envs.sokoban.levels."
        )
    if board.size > LARGEST:
        raise ArgumentError(f"The board has {board.size:,} squares. The solver takes {LARGEST:,} at most.")
    walled = np.full((board.shape[0] + 2, board.shape[1] + 2), WALL, np.uint8)
    walled[1:-1, 1:-1] = board
    return walled


def _search(
    floor: Floor, player: int, boxes: NDArray[np.int32], node_budget: int
) -> tuple[Status, int, NDArray[np.uint8]]:
    """Search with an arena that grows; return the status, the positions expanded and the moves."""
    arena = new_arena(1024, len(boxes))
    while len(arena.player) < 8 * len(boxes):
        arena = grown(arena)
    begin(floor, arena, player, boxes)
    code, node = BUDGET, -1
    for limit, weight in STAGES:
        if code == BUDGET:
            requeue(arena, weight)
            code, node = search(floor, arena, weight, min(limit, node_budget))
        while code == FULL:
            arena = grown(arena)
            code, node = search(floor, arena, weight, min(limit, node_budget))
    nodes = int(arena.counts[EXPANDED])
    if code != SOLVED:
        return "budget" if code == BUDGET else "unsolvable", nodes, np.empty(0, np.uint8)
    return "solved", nodes, walk_out(floor, player, boxes, pushes_to(arena, node))


def _prove(board: Board, player: int, plan: tuple[int, ...]) -> int:
    """Execute a plan on `board`, in place, and return its pushes.

    Raises:
        RuntimeError: The plan does not solve the board: the solver is wrong.
    """
    pushes = 0
    for direction in plan:
        outcome = move(board, player, direction)
        if outcome < MOVED:
            raise RuntimeError("The solver made a plan that walks into a wall. Please report this level.")
        pushes += outcome >= PUSHED
        player += offset(direction, board.shape[1])
    if boxes_off_target(board):
        raise RuntimeError(
            "The solver made a plan that leaves a box off its target. Please report this level."
        )
    return pushes
