"""Reverse play, compiled: boxes that stand on targets are pulled away from them.

Whatever reverse play reaches can be solved by pushing the same boxes back, in reverse order. In a room,
several sets of targets are tried, and from each several random walks of pulls; the state is kept whose boxes
are farthest from the targets, each counted to its nearest. States in which a box stands on a target do not
count.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.chance import Chance, below, chance_true
from envs.sokoban.compiled import compiled
from envs.sokoban.rules import BOX, PLAYER, TARGET, WALL, Board, offset
from envs.sokoban.targets import place_targets, target_distance

__all__ = ["Scratch", "displace", "new_scratch"]

Cells = NDArray[np.int64]

_TRIES: Final = 8
_WALKS: Final = 3
_PULLS_PER_BOX: Final = 30
_KEEP_PERCENT: Final = 70


class Scratch(NamedTuple):
    """Working memory of reverse play.

    Attributes:
        seen: Number of the last flood that reached a cell, shape (H * W,), int64.
        queue: Cells of the last flood, shape (H * W,), int64.
        floods: Number of floods so far, shape (1,), int64.
        pulls: The pulls of a walk, shape (K, 2), int64: position of the box before, direction.
    """

    seen: Cells
    queue: Cells
    floods: Cells
    pulls: Cells


@compiled
def new_scratch(cells: int, boxes: int) -> Scratch:
    """Make the working memory for a board of so many cells and boxes."""
    return Scratch(
        np.zeros(cells, dtype=np.int64),
        np.empty(cells, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.empty((_PULLS_PER_BOX * boxes, 2), dtype=np.int64),
    )


@compiled
def _flood(cells: Board, start: int, width: int, scratch: Scratch) -> int:
    """Mark the cells that the player can walk to; return how many they are."""
    seen, queue = scratch.seen, scratch.queue
    scratch.floods[0] += 1
    stamp = scratch.floods[0]
    queue[0], seen[start] = start, stamp
    head, tail = 0, 1
    while head < tail:
        cell = queue[head]
        head += 1
        for direction in range(4):
            near = cell + offset(direction, width)
            if seen[near] != stamp and not cells[near] & (WALL | BOX):
                seen[near] = stamp
                queue[tail] = near
                tail += 1
    return tail


@compiled
def _use(before: int, after: int) -> int:
    """Rank a pull by the cells of the box: 2 if it takes a box off a target, 0 if it ends on one, else 1."""
    if after & TARGET:
        return 0
    return 2 if before & TARGET else 1


@compiled
def _pick_pull(cells: Board, width: int, spots: Cells, late: bool, scratch: Scratch, chance: Chance) -> int:
    """Draw a possible pull, uniformly; late in a walk among the most useful ones (`_use`) alone.

    Returns:
        Index of the box * 4 + direction, or -1 where no pull is possible.
    """
    count, picked, most = 0, -1, 0
    for box in range(spots.size):
        for direction in range(4):
            near = spots[box] + offset(direction, width)
            far = 2 * near - spots[box]
            if scratch.seen[near] != scratch.floods[0] or cells[far] & (WALL | BOX):
                continue
            use = _use(cells[spots[box]], cells[near]) if late else 0
            if use < most:
                continue
            if use > most:
                most, count = use, 0
            count += 1
            if below(chance, count) == 0:
                picked = box * 4 + direction
    return picked


@compiled
def _next_pull(
    cells: Board,
    width: int,
    player: int,
    last: int,
    late: bool,
    spots: Cells,
    scratch: Scratch,
    chance: Chance,
) -> int:
    """Go on with the last pull, mostly, where that is possible; else draw one."""
    if last >= 0 and chance_true(chance, _KEEP_PERCENT):
        ahead = player + offset(last % 4, width)
        if not cells[ahead] & (WALL | BOX) and not (late and cells[player] & TARGET):
            return last
    _flood(cells, player, width, scratch)
    return _pick_pull(cells, width, spots, late, scratch, chance)


@compiled
def _distance_sum(spots: Cells, distance: Cells) -> int:
    """Sum of the boxes' distances to a target; 0 while any box stands on one."""
    total = 0
    for box in range(spots.size):
        if distance[spots[box]] == 0:
            return 0
        total += distance[spots[box]]
    return total


@compiled
def _walk(
    cells: Board, player: int, width: int, distance: Cells, scratch: Scratch, chance: Chance
) -> tuple[int, int]:
    """Pull boxes about at random, recording the pulls.

    Returns:
        Best score and the number of pulls that reach it.
    """
    spots = np.flatnonzero(cells & BOX)
    best, best_length, pull = 0, 0, -1
    length = scratch.pulls.shape[0]
    for k in range(length):
        pull = _next_pull(cells, width, player, pull, 2 * k > length, spots, scratch, chance)
        if pull < 0:
            break
        box, delta = pull // 4, offset(pull % 4, width)
        scratch.pulls[k, 0], scratch.pulls[k, 1] = spots[box], pull % 4
        cells[spots[box]] ^= np.uint8(BOX)
        spots[box] += delta
        cells[spots[box]] ^= np.uint8(BOX)
        player = spots[box] + delta
        score = _distance_sum(spots, distance)
        if score > best:
            best, best_length = score, k + 1
    return best, best_length


@compiled
def displace(board: Board, boxes: int, chance: Chance, scratch: Scratch, pulls: Cells) -> int:
    """Put targets, boxes and the player into an empty room, such that every box is off the targets.

    Args:
        board: The room, shape (H, W), uint8; becomes the level.
        boxes: Number of boxes.
        chance: Where the randomness comes from.
        scratch: Working memory.
        pulls: Shape (K, 2), int64, as in `Scratch`; its head becomes the pulls made.

    Returns:
        Number of pulls made; 0 where every try failed and the board is not to be used.
    """
    width, room = board.shape[1], board.ravel()
    best, length = 0, 0
    chosen = room.copy()
    for _ in range(_TRIES):
        start = room.copy()
        if not place_targets(start, width, boxes, chance, scratch.queue):
            return 0
        distance = target_distance(start, width)
        for _ in range(_WALKS):
            home = _free_cell(start, chance)
            score, walked = _walk(start.copy(), home, width, distance, scratch, chance)
            if score > best:
                best, length = score, walked
                pulls[:walked] = scratch.pulls[:walked]
                chosen[:] = start
    if length > 0:
        room[:] = chosen
        _finish(room, width, scratch, chance, pulls[:length])
    return length


@compiled
def _free_cell(cells: Board, chance: Chance) -> int:
    """Draw a cell with nothing on it."""
    while True:
        cell = below(chance, cells.size)
        if cells[cell] == 0:
            return cell


@compiled
def _finish(cells: Board, width: int, scratch: Scratch, chance: Chance, pulls: Cells) -> None:
    """Make the pulls on a solved board and put the player anywhere that the last puller can walk to."""
    home = 0
    for k in range(pulls.shape[0]):
        delta = offset(pulls[k, 1], width)
        cells[pulls[k, 0]] ^= np.uint8(BOX)
        cells[pulls[k, 0] + delta] ^= np.uint8(BOX)
        home = pulls[k, 0] + 2 * delta
    count = _flood(cells, home, width, scratch)
    cells[scratch.queue[below(chance, count)]] |= np.uint8(PLAYER)
