"""Reverse play, compiled: from a solved board boxes are pulled away from their targets.

Whatever reverse play reaches can be solved by pushing the same boxes back, in reverse order. Several random
pull walks are made in a room; the state whose boxes lie farthest from any target is kept.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.chance import Chance, below, chance_true
from envs.sokoban.compiled import compiled
from envs.sokoban.rules import BOX, PLAYER, TARGET, WALL, Board, offset

__all__ = ["MAX_PULLS", "displace", "place_targets", "reach"]

Cells = NDArray[np.int64]

WALKS: Final = 6
PULLS_PER_BOX: Final = 15
MAX_PULLS: Final = 600
_KEEP_PERCENT: Final = 55


@compiled
def reach(cells: Board, start: int, width: int, seen: Cells, stamp: int, queue: Cells) -> int:
    """Find the cells that the player can walk to.

    Args:
        cells: Flat board, shape (H * W,), uint8.
        start: Position of the player.
        width: W.
        seen: Shape (H * W,); a reachable cell gets `stamp`.
        stamp: A number that `seen` does not hold yet.
        queue: Shape (H * W,); its head becomes the list of the reachable cells.

    Returns:
        Number of reachable cells.
    """
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
def place_targets(board: Board, boxes: int, chance: Chance) -> None:
    """Put a target with a box on it on distinct random floor cells."""
    cells = board.ravel()
    placed = 0
    while placed < boxes:
        cell = below(chance, cells.size)
        if cells[cell] == 0:
            cells[cell] = TARGET | BOX
            placed += 1


@compiled
def target_distance(cells: Board, width: int) -> Cells:
    """Least number of pushes that bring a box from each cell to some target on an otherwise empty board.

    Returns:
        Shape (H * W,), int64; -1 where no box can come from.
    """
    distance = np.full(cells.size, -1, dtype=np.int64)
    queue = np.empty(cells.size, dtype=np.int64)
    tail = 0
    for cell in range(cells.size):
        if cells[cell] & TARGET:
            distance[cell] = 0
            queue[tail] = cell
            tail += 1
    head = 0
    while head < tail:
        cell = queue[head]
        head += 1
        for direction in range(4):
            delta = offset(direction, width)
            if cells[cell + delta] & WALL or cells[cell + 2 * delta] & WALL or distance[cell + delta] >= 0:
                continue
            distance[cell + delta] = distance[cell] + 1
            queue[tail] = cell + delta
            tail += 1
    return distance


@compiled
def _pick_pull(cells: Board, width: int, seen: Cells, stamp: int, spots: Cells, chance: Chance) -> int:
    """Draw a possible pull, uniformly; return box index * 4 + direction, or -1 where there is none."""
    count, picked = 0, -1
    for box in range(spots.size):
        for direction in range(4):
            delta = offset(direction, width)
            near, far = spots[box] + delta, spots[box] + 2 * delta
            if seen[near] == stamp and not cells[far] & (WALL | BOX):
                count += 1
                if below(chance, count) == 0:
                    picked = box * 4 + direction
    return picked


@compiled
def _score(cells: Board, spots: Cells, distance: Cells) -> int:
    """Sum of the boxes' distances to a target; 0 while any box stands on one."""
    total = 0
    for box in range(spots.size):
        if distance[spots[box]] == 0:
            return 0
        total += distance[spots[box]]
    return total


@compiled
def _walk(
    cells: Board,
    player: int,
    width: int,
    distance: Cells,
    seen: Cells,
    stamp: int,
    queue: Cells,
    pulls: Cells,
    chance: Chance,
) -> tuple[int, int, int]:
    """Pull boxes about at random; the pulls go to `pulls`, shape (MAX_PULLS, 2): box before, direction.

    Returns:
        Best score, number of pulls that reach it, and the stamp last used.
    """
    spots = np.flatnonzero(cells & BOX)
    best, best_length, pull = 0, 0, -1
    length = min(MAX_PULLS, PULLS_PER_BOX * spots.size)
    for k in range(length):
        pull = _next_pull(cells, width, spots, player, pull, chance)
        if pull < 0:
            stamp += 1
            reach(cells, player, width, seen, stamp, queue)
            pull = _pick_pull(cells, width, seen, stamp, spots, chance)
            if pull < 0:
                break
        box, delta = pull // 4, offset(pull % 4, width)
        pulls[k, 0], pulls[k, 1] = spots[box], pull % 4
        cells[spots[box]] ^= np.uint8(BOX)
        spots[box] += delta
        cells[spots[box]] ^= np.uint8(BOX)
        player = spots[box] + delta
        score = _score(cells, spots, distance)
        if score > best:
            best, best_length = score, k + 1
    return best, best_length, stamp


@compiled
def _next_pull(cells: Board, width: int, spots: Cells, player: int, pull: int, chance: Chance) -> int:
    """Keep pulling the same box the same way, mostly, where that is possible; else -1."""
    if pull < 0 or not chance_true(chance, _KEEP_PERCENT):
        return -1
    if cells[player + offset(pull % 4, width)] & (WALL | BOX):
        return -1
    return pull


@compiled
def displace(board: Board, chance: Chance, pulls: Cells) -> tuple[int, int]:
    """Pull the boxes of a solved board away from their targets and put the player somewhere.

    Args:
        board: Shape (H, W), uint8, with a box on every target and no player; becomes the level.
        chance: Where the randomness comes from.
        pulls: Shape (MAX_PULLS, 2), int64; its head becomes the pulls made, each box position before,
            direction.

    Returns:
        Sum of the boxes' distances to a target, 0 where no walk moved every box off the targets, and the
        number of pulls made.
    """
    width = board.shape[1]
    start = board.ravel()
    distance = target_distance(start, width)
    seen, queue = np.zeros(start.size, dtype=np.int64), np.empty(start.size, dtype=np.int64)
    walk_pulls = np.empty((MAX_PULLS, 2), dtype=np.int64)
    best, length, stamp, home = 0, 0, 0, -1
    for _ in range(WALKS):
        player = below(chance, start.size)
        while start[player] != 0:
            player = below(chance, start.size)
        score, walked, stamp = _walk(
            start.copy(), player, width, distance, seen, stamp, queue, walk_pulls, chance
        )
        if score > best:
            best, length, home = score, walked, player
            pulls[:walked] = walk_pulls[:walked]
    if best == 0:
        return 0, 0
    _apply(start, home, width, pulls[:length])
    home = pulls[length - 1, 0] + 2 * offset(pulls[length - 1, 1], width)
    count = reach(start, home, width, seen, stamp + 1, queue)
    start[queue[below(chance, count)]] |= np.uint8(PLAYER)
    return best, length


@compiled
def _apply(cells: Board, player: int, width: int, pulls: Cells) -> None:
    """Repeat recorded pulls on a board."""
    for k in range(pulls.shape[0]):
        cells[pulls[k, 0]] ^= np.uint8(BOX)
        cells[pulls[k, 0] + offset(pulls[k, 1], width)] ^= np.uint8(BOX)
