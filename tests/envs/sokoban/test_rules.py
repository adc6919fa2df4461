"""The rules on worked boards, and what no move may ever do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.sokoban import rules
from envs.sokoban.generator import generate
from envs.sokoban.rules import BOX, DOWN, LEFT, PLAYER, RIGHT, TARGET, UP, WALL
from envs.sokoban.text import board_rows
from envs.sokoban.validity import board_fault
from tests.envs.sokoban.boards import board_of


@pytest.mark.parametrize(
    ("row", "outcome", "after"),
    [
        ("#@ #", rules.MOVED, "#_@#"),
        ("#@##", rules.WALL_AHEAD, "#@##"),
        ("#@.#", rules.MOVED, "#_+#"),
        ("#+ #", rules.MOVED, "#.@#"),
        ("#@$ #", rules.PUSHED, "#_@$#"),
        ("#@$##", rules.STUCK_BOX, "#@$##"),
        ("#@$$ #", rules.STUCK_BOX, "#@$$_#"),
        ("#@$.#", rules.PUSHED_ON, "#_@*#"),
        ("#@* #", rules.PUSHED_OFF, "#_+$#"),
        ("#@*.#", rules.PUSHED, "#_+*#"),
        ("#+*.#", rules.PUSHED, "#.+*#"),
        ("#@$*#", rules.STUCK_BOX, "#@$*#"),
    ],
)
def test_move__does_to_a_row_what_the_rules_say(row: str, outcome: int, after: str) -> None:
    board = board_of("#" * len(row) + "\n" + row + "\n" + "#" * len(row))
    assert rules.move(board, len(row) + 1, RIGHT) == outcome
    assert board_rows(board)[1] == after


@pytest.mark.parametrize(("direction", "there"), [(UP, 7), (DOWN, 17), (LEFT, 11), (RIGHT, 13)])
def test_move__goes_the_same_way_in_all_directions(direction: int, there: int) -> None:
    board = board_of("#####\n#   #\n# @ #\n#   #\n#####")
    assert rules.move(board, 12, direction) == rules.MOVED
    assert rules.player_position(board) == there == 12 + rules.offset(direction, 5)


def test_move__stays_in_the_array_at_the_edge() -> None:
    board = board_of("###\n#@#\n###")
    assert [rules.move(board, 4, direction) for direction in range(4)] == [rules.WALL_AHEAD] * 4


def test_player_position__is_minus_one_without_a_player() -> None:
    assert rules.player_position(board_of("###\n# #\n###")) == -1


def test_legal_moves__are_those_that_change_the_board() -> None:
    board = board_of("#####\n##  #\n#@$ #\n#$  #\n#####")
    assert rules.legal_moves(board, 11) == 1 << RIGHT


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 500), moves=st.lists(st.integers(0, 3), max_size=60))
def test_move__keeps_walls_targets_and_the_number_of_boxes(seed: int, moves: list[int]) -> None:
    board = generate(seed, size=(7, 7), boxes=2).board
    start, player = board.copy(), rules.player_position(board)
    for direction in moves:
        before, legal = board.copy(), rules.legal_moves(board, player) >> direction & 1
        outcome = rules.move(board, player, direction)
        off = rules.boxes_off_target(board) - rules.boxes_off_target(before)
        assert off == {rules.PUSHED_ON: -1, rules.PUSHED_OFF: 1}.get(outcome, 0)
        assert (outcome >= rules.MOVED) == bool(legal) == bool((board != before).any())
        player = rules.player_position(board)
    assert (board & (WALL | TARGET) == start & (WALL | TARGET)).all()
    assert np.count_nonzero(board & BOX) == 2
    assert np.count_nonzero(board & PLAYER) == 1
    assert board_fault(board) is None
