"""The level generator: an explicit seed in, a level out that is solvable by construction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

from agentgym.errors import ArgumentError, suggest
from envs.sokoban.chance import chance_of
from envs.sokoban.compiled import compiled, compiled_parallel
from envs.sokoban.reverse import displace, new_scratch
from envs.sokoban.rooms import SPLITS, carve, owner_of
from envs.sokoban.rules import Board

__all__ = ["MAX_DRAWS", "Level", "check_size", "generate", "generate_batch"]

MAX_DRAWS: Final = 20_000
_LEAST_FLOOR_PERCENT: Final = 47
_SIDES: Final = (5, 200)
_CELLS_PER_BOX: Final = 8
_FLOOR_PER_BOX: Final = 5


@dataclass(frozen=True)
class Level:
    """A generated level and the proof that it can be solved.

    Attributes:
        board: Shape (H, W), uint8.
        pushes: Pushes that solve it, shape (K, 2), int64: flat position of the box before, direction.
    """

    board: Board
    pushes: NDArray[np.int64]


@compiled
def _draw(board: Board, boxes: int, owner: int, seed: int, pulls: NDArray[np.int64]) -> int:
    """Draw rooms until one is the owner's and all its boxes are displaced; -1 after `MAX_DRAWS`."""
    chance, scratch = chance_of(seed), new_scratch(board.size, boxes)
    inside = (board.shape[0] - 2) * (board.shape[1] - 2)
    least = max(_FLOOR_PER_BOX * boxes, _LEAST_FLOOR_PERCENT * inside // 100)
    for _ in range(MAX_DRAWS):
        carve(board, least, chance)
        if owner_of(board) != owner:
            continue
        length = displace(board, boxes, chance, scratch, pulls)
        if length > 0:
            return length
    return -1


@compiled_parallel(at_least=64)
def _draw_batch(
    boards: NDArray[np.uint8], boxes: int, owner: int, seeds: NDArray[np.int64], lengths: NDArray[np.int64]
) -> None:
    for k in numba.prange(seeds.size):
        pulls = np.empty_like(new_scratch(boards[k].size, boxes).pulls)
        lengths[k] = _draw(boards[k], boxes, owner, seeds[k], pulls)


def generate(seed: int, *, size: tuple[int, int] = (10, 10), boxes: int = 4, split: str = "train") -> Level:
    """Make the level of a seed.

    Args:
        seed: In [0, 2^63). The same seed, size, number of boxes and split give the same level everywhere.
        size: Height and width of the board, walls included; each in [5, 200].
        boxes: Number of boxes and targets. Every box starts off the targets.
        split: The split that must own the room (see `envs.sokoban.rooms`).

    Returns:
        The level with its solution.

    Raises:
        ArgumentError: The size or number of boxes cannot be had; no level was found in `MAX_DRAWS` rooms.
        UnknownNameError: There is no such split.
    """
    owner = _check(size, boxes, split)
    board = np.empty(size, dtype=np.uint8)
    pulls = np.empty_like(new_scratch(board.size, boxes).pulls)
    length = _draw(board, boxes, owner, seed, pulls)
    if length < 0:
        raise _too_many(size, boxes)
    return Level(board, _pushes(pulls[:length], size[1]))


def generate_batch(
    seeds: NDArray[np.int64], *, size: tuple[int, int] = (10, 10), boxes: int = 4, split: str = "train"
) -> NDArray[np.uint8]:
    """Make the levels of many seeds on all cores; each is the level that `generate` makes of its seed.

    Args:
        seeds: Shape (B,), int64.
        size: As in `generate`.
        boxes: As in `generate`.
        split: As in `generate`.

    Returns:
        Boards, shape (B, H, W), uint8.

    Raises:
        ArgumentError: As in `generate`.
        UnknownNameError: There is no such split.
    """
    owner = _check(size, boxes, split)
    boards = np.empty((len(seeds), *size), dtype=np.uint8)
    lengths = np.empty(len(seeds), dtype=np.int64)
    _draw_batch(boards, boxes, owner, np.asarray(seeds, dtype=np.int64), lengths)
    if np.any(lengths < 0):
        raise _too_many(size, boxes)
    return boards


def check_size(size: tuple[int, int], boxes: int) -> None:
    """Check that levels of a size with so many boxes may exist.

    Raises:
        ArgumentError: They cannot.
    """
    low, high = _SIDES
    if not all(low <= side <= high for side in size):
        raise ArgumentError(
            f"`size` is {size}. Height and width must each be from {low} to {high}, walls included. "
            "Pass size=10 or size=(8, 12)."
        )
    if isinstance(boxes, bool) or not isinstance(boxes, int):
        raise ArgumentError(f"`boxes` is {boxes!r}. It must be an integer. Pass boxes=2 or leave it out.")
    most = max(1, (size[0] - 2) * (size[1] - 2) // _CELLS_PER_BOX)
    if not 1 <= boxes <= most:
        raise ArgumentError(
            f"`boxes` is {boxes}. A board of {size[0]}x{size[1]} has from 1 to {most} boxes. "
            f"Pass boxes={most} or a larger size."
        )


def _check(size: tuple[int, int], boxes: int, split: str) -> int:
    check_size(size, boxes)
    if split not in SPLITS:
        raise suggest("split", split, SPLITS)
    return SPLITS.index(split)


def _pushes(pulls: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """Turn pulls into the pushes that undo them: reversed order, opposite directions."""
    deltas = np.array([-width, width, -1, 1], dtype=np.int64)
    boxes = pulls[:, 0] + deltas[pulls[:, 1]]
    return np.ascontiguousarray(np.stack([boxes, pulls[:, 1] ^ 1], axis=1)[::-1])


def _too_many(size: tuple[int, int], boxes: int) -> ArgumentError:
    return ArgumentError(
        f"No level of {size[0]}x{size[1]} with {boxes} boxes was found in {MAX_DRAWS:,} rooms. "
        "Pass fewer boxes or a larger size."
    )
