"""The generator: solvable, reproducible, never trivial, and apart between splits."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym.errors import ArgumentError, UnknownNameError
from envs.sokoban import rules
from envs.sokoban.generator import Level, generate, generate_batch
from envs.sokoban.rooms import SPLITS, owner_of, room_key
from envs.sokoban.rules import BOX, PLAYER, TARGET, WALL, Board
from envs.sokoban.validity import board_fault

SIZES = [((10, 10), 4), ((7, 7), 2), ((6, 6), 1), ((5, 5), 1), ((6, 11), 3), ((14, 12), 5)]


def _walk_to(board: Board, start: int, goal: int) -> bool:
    """Whether the player can walk from one cell to another."""
    cells, width = board.ravel(), board.shape[1]
    seen, stack = {start}, [start]
    while stack:
        cell = stack.pop()
        for near in (cell - width, cell + width, cell - 1, cell + 1):
            if near not in seen and not cells[near] & (WALL | BOX):
                seen.add(near)
                stack.append(near)
    return goal in seen


def _solve_by_pushes(level: Level) -> Board:
    """Play a level's proof, checking each push."""
    board = level.board.copy()
    cells, width = board.ravel(), board.shape[1]
    for box, direction in level.pushes.tolist():
        delta = rules.offset(direction, width)
        player = rules.player_position(board)
        assert _walk_to(board, player, box - delta)
        cells[player] ^= np.uint8(PLAYER)
        cells[box - delta] ^= np.uint8(PLAYER)
        assert rules.move(board, box - delta, direction) >= rules.PUSHED
    return board


@pytest.mark.parametrize(("size", "boxes"), SIZES)
@pytest.mark.parametrize("split", SPLITS)
def test_generate__makes_levels_whose_proof_solves_them(
    size: tuple[int, int], boxes: int, split: str
) -> None:
    for seed in range(25):
        level = generate(seed, size=size, boxes=boxes, split=split)
        assert level.board.shape == size
        assert board_fault(level.board) is None
        assert np.count_nonzero(level.board & BOX) == boxes == rules.boxes_off_target(level.board)
        assert rules.boxes_off_target(_solve_by_pushes(level)) == 0


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**63 - 1), height=st.integers(5, 12), width=st.integers(5, 12))
def test_generate__takes_any_seed_and_size(seed: int, height: int, width: int) -> None:
    level = generate(seed, size=(height, width), boxes=1)
    assert rules.boxes_off_target(_solve_by_pushes(level)) == 0


def test_generate__leaves_the_global_generators_alone() -> None:
    before = np.random.get_state(legacy=True)[1].tobytes()  # type: ignore[index]  # noqa: NPY002
    generate(1)
    assert np.random.get_state(legacy=True)[1].tobytes() == before  # type: ignore[index]  # noqa: NPY002


def test_generate__gives_the_same_levels_in_another_process() -> None:
    program = (
        "import hashlib; from envs.sokoban.generator import generate;"
        "print(hashlib.sha256(b''.join(generate(s).board.tobytes() for s in range(50))).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = hashlib.sha256(b"".join(generate(seed).board.tobytes() for seed in range(50))).hexdigest()
    assert there.stdout.strip() == here


def test_generate__keeps_the_levels_of_version_0() -> None:
    """The tasks of the ids are these levels: whoever changes them must raise the version of the ids."""
    boards = b"".join(generate(seed).board.tobytes() for seed in range(50))
    assert hashlib.sha256(boards).hexdigest()[:16] == "c3cc5abdc7ab7a92"


def test_generate__varies_with_the_seed() -> None:
    assert len({generate(seed).board.tobytes() for seed in range(300)}) == 300


def test_generate_batch__makes_the_levels_that_generate_makes() -> None:
    seeds = np.array([5, 0, 99, 2**40], dtype=np.int64)
    boards = generate_batch(seeds, size=(8, 9), boxes=2, split="test")
    for board, seed in zip(boards, seeds.tolist(), strict=True):
        assert (board == generate(seed, size=(8, 9), boxes=2, split="test").board).all()


@pytest.mark.parametrize(("size", "boxes"), SIZES[:4])
def test_splits__share_no_room_in_any_rotation_or_reflection(size: tuple[int, int], boxes: int) -> None:
    seeds = np.arange(3_000, dtype=np.int64)
    rooms = [
        {int(room_key(board)) for board in generate_batch(seeds, size=size, boxes=boxes, split=split)}
        for split in SPLITS
    ]
    assert not (rooms[0] & rooms[1] or rooms[0] & rooms[2] or rooms[1] & rooms[2])
    assert all(rooms)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), turns=st.integers(0, 3), flip=st.booleans(), data=st.data())
def test_room_key__does_not_change_under_symmetry_or_shift(
    seed: int, turns: int, flip: bool, data: st.DataObject
) -> None:
    board = generate(seed, size=(7, 9), boxes=1).board
    pad = data.draw(st.tuples(*[st.integers(0, 2)] * 4))
    moved = np.pad(np.rot90(board, turns), (pad[:2], pad[2:]), constant_values=WALL)
    moved = np.ascontiguousarray(moved[::-1] if flip else moved)
    assert room_key(moved) == room_key(board)
    assert owner_of(moved) == owner_of(board) == 0


def test_room_key__differs_between_rooms() -> None:
    boards = generate_batch(np.arange(500, dtype=np.int64))
    shapes = {np.packbits(board & WALL).tobytes() for board in boards}
    assert len({int(room_key(board)) for board in boards}) > 0.95 * len(shapes)


def test_room_key__sees_no_difference_in_what_stands_in_the_room() -> None:
    board = generate(3).board
    assert room_key(board) == room_key(board & np.uint8(WALL))


@pytest.mark.parametrize(
    ("size", "boxes", "needle"),
    [
        ((4, 9), 1, "from 5 to 200"),
        ((9, 201), 1, "from 5 to 200"),
        ((7, 7), 4, "from 1 to 3"),
        ((7, 7), 0, "boxes"),
    ],
)
def test_generate__refuses_what_cannot_be_had(size: tuple[int, int], boxes: int, needle: str) -> None:
    with pytest.raises(ArgumentError, match=needle):
        generate(0, size=size, boxes=boxes)


def test_generate__gives_up_on_crowded_boards_with_a_reason() -> None:
    with pytest.raises(ArgumentError, match="No level of 20x20 with 40 boxes"):
        generate(0, size=(20, 20), boxes=40)


def test_generate__knows_its_splits() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'validation'"):
        generate(0, split="validate")


def test_targets__are_as_many_as_boxes() -> None:
    for seed in range(50):
        board = generate(seed).board
        assert np.count_nonzero(board & TARGET) == 4
