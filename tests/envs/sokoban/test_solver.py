from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections import deque
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agentgym.errors import ArgumentError
from envs.sokoban.corrals import FENCE, fence_off
from envs.sokoban.deadlocks import freezes
from envs.sokoban.floor import Floor, lay_floor
from envs.sokoban.levels import read_levels
from envs.sokoban.matching import assign_all, new_matching, reassign
from envs.sokoban.reach import Ground, area_after, area_of, new_ground, walk_from
from envs.sokoban.rules import BOX, PLAYER, TARGET, WALL, Board, player_position
from envs.sokoban.solver import Solution, solve
from envs.sokoban.text import board_from_rows

STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))
Cell = tuple[int, int]
State = tuple[Cell, frozenset[Cell]]

CORRIDOR = ("#####", "#@$.#", "#####")
CORNER = ("######", "#$---#", "#--@-#", "#---.#", "######")
FROZEN_PAIR = ("#######", "#-$$--#", "#-@---#", "#----.#", "#----.#", "#######")
FAR_ONE_FIRST = ("########", "#---####", "#@$-$..#", "#---####", "########")


class Yard:
    """Sokoban again, written apart from the package: sets of cells and nothing else."""

    def __init__(self, board: Board) -> None:
        height, width = board.shape
        cells = {(r, c): int(board[r, c]) for r in range(height) for c in range(width)}
        self.walls = {cell for cell, flags in cells.items() if flags & WALL}
        self.targets = {cell for cell, flags in cells.items() if flags & TARGET}
        boxes = frozenset(cell for cell, flags in cells.items() if flags & BOX)
        self.start: State = (next(cell for cell, flags in cells.items() if flags & PLAYER), boxes)

    def step(self, state: State, direction: int) -> State | None:
        """Move, or return None where that is impossible."""
        (row, column), boxes = state
        down, right = STEPS[direction]
        ahead, beyond = (row + down, column + right), (row + 2 * down, column + 2 * right)
        if ahead in self.walls:
            return None
        if ahead not in boxes:
            return ahead, boxes
        if beyond in self.walls or beyond in boxes:
            return None
        return ahead, boxes - {ahead} | {beyond}

    def solved(self, state: State) -> bool:
        return state[1] <= self.targets

    def shortest(self) -> int | None:
        """Fewest moves that solve the board, by breadth-first search; None if nothing does."""
        queue, seen = deque([(self.start, 0)]), {self.start}
        while queue:
            state, moves = queue.popleft()
            if self.solved(state):
                return moves
            for direction in range(4):
                after = self.step(state, direction)
                if after is not None and after not in seen:
                    seen.add(after)
                    queue.append((after, moves + 1))
        return None


def check_plan(board: Board, solution: Solution) -> None:
    """Execute the plan on the other Sokoban and count its pushes."""
    yard = Yard(board)
    state, pushes = yard.start, 0
    for direction in solution.moves:
        after = yard.step(state, direction)
        assert after is not None
        pushes += after[1] != state[1]
        state = after
    assert yard.solved(state)
    assert pushes == solution.pushes


def random_board(rng: np.random.Generator, most: int, side: int) -> Board:
    """Scatter walls, up to `most` boxes, as many targets and a player over at most `side` squared cells."""
    height, width = (int(length) for length in rng.integers(2, side + 1, size=2))
    board = np.full((height + 2, width + 2), WALL, np.uint8)
    board[1:-1, 1:-1] = rng.random((height, width)) < 0.15
    free = rng.permutation(np.argwhere(board == 0))
    boxes = min(int(rng.integers(1, most + 1)), (len(free) - 1) // 2)
    for row, column in free[:boxes]:
        board[row, column] |= BOX
    for row, column in free[1 : boxes + 1]:  # may lie under a box
        board[row, column] |= TARGET
    board[tuple(free[-1])] |= PLAYER
    return board


@pytest.mark.parametrize(
    ("rows", "moves", "pushes"),
    [
        (CORRIDOR, 1, 1),
        (("#######", "#@-$-.#", "#######"), 3, 2),
        (("#####", "#-.-#", "#-$-#", "#@--#", "#####"), 2, 1),
        (("#####", "#.@-#", "#-$-#", "#---#", "#-.-#", "#####"), 2, 2),
        (("######", "#@---#", "#-$--#", "#--.-#", "#----#", "######"), 5, 2),
    ],
)
def test_solve__worked_boards(rows: tuple[str, ...], moves: int, pushes: int) -> None:
    board = board_from_rows(rows)
    assert Yard(board).shortest() == moves
    solution = solve(board)
    check_plan(board, solution)
    assert (solution.status, len(solution.moves), solution.pushes) == ("solved", moves, pushes)


def test_solve__fills_the_far_target_first() -> None:
    board = board_from_rows(FAR_ONE_FIRST)
    solution = solve(board)
    check_plan(board, solution)
    assert solution.status == "solved"
    assert solution.pushes == 5


def test_solve__solved_board_needs_no_move() -> None:
    assert solve(board_from_rows(("####", "#*@#", "####"))) == Solution((), 0, "solved", 0)


@pytest.mark.parametrize(
    "rows",
    [
        CORNER,
        FROZEN_PAIR,
        ("######", "#@.$-#", "######"),  # the only push leads away from the target
        ("########", "#@-#-$.#", "########"),  # the box is behind a wall
        ("######", "#@$$.#", "#-####", "######"),  # two boxes in a row
    ],
)
def test_solve__unsolvable(rows: tuple[str, ...]) -> None:
    board = board_from_rows(rows)
    assert Yard(board).shortest() is None
    assert solve(board).status == "unsolvable"


def test_solve__box_that_rests_out_of_reach_on_its_target() -> None:
    board = board_from_rows(("########", "#@$.#*-#", "########"))
    assert solve(board).moves == (3,)


def test_solve__budget_runs_out() -> None:
    solution = solve(board_from_rows(FAR_ONE_FIRST), 1)
    assert solution == Solution((), 0, "budget", 1)


def test_solve__board_without_border() -> None:
    board = np.zeros((5, 5), np.uint8)
    board[0, 0], board[2, 2], board[4, 4] = PLAYER, BOX, TARGET
    solution = solve(board)
    assert solution.pushes == 4
    check_plan(np.pad(board, 1, constant_values=WALL), solution)


def test_solve__wrong_arguments() -> None:
    with pytest.raises(ArgumentError, match="node_budget"):
        solve(board_from_rows(CORRIDOR), 0)
    with pytest.raises(ArgumentError, match="exactly one PLAYER"):
        solve(np.full((3, 3), WALL, np.uint8))
    board = np.zeros((129, 128), np.uint8)
    board[0, 0] = PLAYER
    with pytest.raises(ArgumentError, match="16,384 at most"):
        solve(board)


def test_solve__leaves_the_board_alone() -> None:
    board = board_from_rows(FAR_ONE_FIRST)
    before = board.copy()
    solve(board)
    np.testing.assert_array_equal(board, before)


@pytest.mark.parametrize(("most", "side", "boards"), [(2, 5, 400), (3, 5, 300)])
def test_solve__agrees_with_breadth_first_search(most: int, side: int, boards: int) -> None:
    rng = np.random.default_rng(7)
    verdicts = {"solved": 0, "unsolvable": 0}
    for _ in range(boards):
        board = random_board(rng, most, side)
        shortest, solution = Yard(board).shortest(), solve(board)
        verdicts[solution.status] += 1
        assert solution.status == ("unsolvable" if shortest is None else "solved")
        if shortest is not None:
            check_plan(board, solution)
            assert len(solution.moves) >= shortest
    assert min(verdicts.values()) > 20


def test_solve__many_boxes_on_a_large_board() -> None:
    board = np.full((66, 66), WALL, np.uint8)
    board[1:-1, 1:-1] = 0
    board[10:60:5, 20] |= BOX
    board[10:60:5, 40] |= TARGET
    board[30, 3] |= PLAYER
    solution = solve(board)
    assert solution.pushes == 200
    check_plan(board, solution)


def test_solve__same_plan_in_every_process() -> None:
    code = (
        "from envs.sokoban.solver import solve; from envs.sokoban.text import board_from_rows;"
        f"print(solve(board_from_rows({FAR_ONE_FIRST!r})))"
    )
    expected = f"{solve(board_from_rows(FAR_ONE_FIRST))}\n"
    root = Path(__file__).resolve().parents[3]
    for seed in ("1", "2"):
        variables = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        run = subprocess.run(
            [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True
        )
        assert run.stdout == expected


def placed(board: Board) -> tuple[Floor, Ground, NDArray[np.int32], int]:
    """Lay the floor of a board, put its boxes down and let the player walk; return the player's cell last."""
    player = player_position(board)
    floor, number = lay_floor(board, player)
    ground = new_ground(floor)
    boxes = number[((board.ravel() & BOX) != 0) & (number >= 0)]
    ground.state[boxes] = 1
    walk_from(floor, ground, int(number[player]))
    return floor, ground, boxes, int(number[player])


@pytest.mark.parametrize(
    ("rows", "lost"),
    [
        (("#######", "#-----#", "#-$$--#", "#-$$@-#", "#.....#", "#######"), True),
        (("#######", "#-----#", "#-$---#", "#-$$@-#", "#.....#", "#######"), False),
        (("#######", "#-----#", "#-**--#", "#-**@-#", "#-----#", "#######"), False),
        (("#######", "#-----#", "#-**--#", "#-*$@-#", "#----.#", "#######"), True),
        (("#######", "#-$$@-#", "#-----#", "#....-#", "#######"), True),  # beside a wall
        (("#######", "#.$-@.#", "#-----#", "#-----#", "#######"), False),  # can slide along the wall
    ],
)
def test_freezes__worked_boards(rows: tuple[str, ...], lost: bool) -> None:
    floor, ground, boxes, _ = placed(board_from_rows(rows))
    before = ground.state.copy()
    assert any(freezes(floor, ground.state, boxes, int(box)) for box in boxes) == lost
    np.testing.assert_array_equal(ground.state, before)


@pytest.mark.parametrize(
    ("rows", "fence"),
    [
        (("#########", "#---#--.#", "#-@-$--.#", "#-$-#---#", "#---#---#", "#########"), [0]),
        (("#########", "#---#---#", "#-@-*--.#", "#-$-#---#", "#---#---#", "#########"), []),
        (("#########", "#---#--.#", "#---$@-.#", "#-$-#---#", "#---#---#", "#########"), [0, 1]),
        (("#########", "#---#--.#", "#-@$$--.#", "#---#---#", "#---#---#", "#########"), []),
        (("#########", "#-----..#", "#-@-$---#", "#-$-----#", "#-------#", "#########"), []),
    ],
)
def test_fence_off__worked_boards(rows: tuple[str, ...], fence: list[int]) -> None:
    floor, ground, boxes, _ = placed(board_from_rows(rows))
    role = np.zeros(len(floor.neighbour), np.uint8)
    assert fence_off(floor, ground, role, boxes) == bool(fence)
    assert [i for i, box in enumerate(boxes) if role[box] == FENCE] == fence


def test_area_after__equals_a_new_walk() -> None:
    rng = np.random.default_rng(11)
    tried = 0
    for _ in range(300):
        floor, ground, boxes, player = placed(random_board(rng, 5, 7))
        before = area_of(floor, ground, player)
        for box, direction in itertools.product(boxes.tolist(), range(4)):
            to, origin = floor.neighbour[box, direction], floor.neighbour[box, direction ^ 1]
            if ground.walk[origin] >= 0 and ground.state[to] == 0:
                ground.state[box], ground.state[to] = 0, 1
                assert area_after(floor, ground, before, box, int(to)) == area_of(floor, ground, box)
                ground.state[box], ground.state[to] = 1, 0
                tried += 1
    assert tried > 300


def test_matching__is_the_cheapest_of_all_permutations() -> None:
    rng = np.random.default_rng(3)
    for size in (1, 2, 4, 5):
        distance = rng.integers(0, 30, (12, size)).astype(np.int32)
        matching, moved = new_matching(size), new_matching(size)
        matching.slots[:] = rng.choice(12, size, replace=False)
        assert assign_all(distance, matching) == _cheapest(distance[matching.slots])
        for row, slot in itertools.product(range(size), range(12)):
            cost = reassign(distance, matching, moved, row, slot)
            assert cost == _cheapest(distance[moved.slots])
            assert moved.slots[row] == slot


def _cheapest(costs: NDArray[np.int32]) -> int:
    size = len(costs)
    return min(sum(int(costs[i, p[i]]) for i in range(size)) for p in itertools.permutations(range(size)))


@pytest.mark.data
@pytest.mark.parametrize("file", ["unfiltered/test/000.txt", "medium/valid/000.txt", "hard/000.txt"])
def test_solve__boxoban(file: str, data_root: Path) -> None:
    path = data_root / "boxoban" / file
    if not path.is_file():
        pytest.skip(f"no data: {path} is no file")
    for board in read_levels(path)[:50]:
        solution = solve(board)
        assert solution.status == "solved"
        check_plan(board, solution)
