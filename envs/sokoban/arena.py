"""Everything a search has seen: positions, the table that finds them again, and the queue of those to expand.

All state lives in arrays that double when they are full, so that a search can stop anywhere and go on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.compiled import compiled

__all__ = ["EXPANDED", "QUEUED", "STORED", "Arena", "find", "grown", "new_arena", "pop", "push"]

STORED, QUEUED, EXPANDED = 0, 1, 2  # places in Arena.counts


class Arena(NamedTuple):
    """Positions 0..counts[STORED]-1 with room for P of them, B boxes each."""

    slots: NDArray[np.uint16]  # (P, B): slots of the boxes, ascending
    player: NDArray[np.uint16]  # (P,): cell of the player after the push
    area: NDArray[np.uint16]  # (P,): smallest cell that the player can walk to
    key: NDArray[np.uint64]  # (P,): Zobrist key of slots and area
    parent: NDArray[np.int32]  # (P,)
    pushed: NDArray[np.uint16]  # (P,): 4 * cell + direction of the push that led here
    moves: NDArray[np.int32]  # (P,): moves from the start, walking included
    bound: NDArray[np.int32]  # (P,): lower bound on the pushes left
    closed: NDArray[np.bool_]  # (P,): has been expanded
    table: NDArray[np.int32]  # (4P,): open addressing by key, -1 where empty
    queue_rank: NDArray[np.int64]  # (2P,): binary heap, smallest rank first
    queue_node: NDArray[np.int32]  # (2P,)
    counts: NDArray[np.int64]  # (3,): positions stored, queued, expanded


def new_arena(room: int, boxes: int) -> Arena:
    """Make an empty arena with room for `room` positions, a power of two."""
    return Arena(
        np.empty((room, boxes), np.uint16),
        np.empty(room, np.uint16),
        np.empty(room, np.uint16),
        np.empty(room, np.uint64),
        np.empty(room, np.int32),
        np.empty(room, np.uint16),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.zeros(room, np.bool_),
        np.full(4 * room, -1, np.int32),
        np.empty(2 * room, np.int64),
        np.empty(2 * room, np.int32),
        np.zeros(3, np.int64),
    )


def grown(arena: Arena) -> Arena:
    """Copy an arena into one with twice the room."""
    larger = new_arena(2 * len(arena.player), arena.slots.shape[1])
    for name in Arena._fields:
        if name != "table":
            old = getattr(arena, name)
            getattr(larger, name)[: len(old)] = old
    _rebuild_table(larger)
    return larger


@compiled
def _rebuild_table(arena: Arena) -> None:
    """Enter every stored position into an empty table."""
    mask = np.uint64(len(arena.table) - 1)
    for node in range(arena.counts[STORED]):
        place = arena.key[node] & mask
        while arena.table[place] >= 0:
            place = (place + np.uint64(1)) & mask
        arena.table[place] = node


@compiled
def find(arena: Arena, key: np.uint64, slots: NDArray[np.int32], area: int) -> tuple[int, int]:
    """Look a position up.

    Returns:
        The node, or -1 if it is new, and the place in the table where it is or belongs.
    """
    mask = np.uint64(len(arena.table) - 1)
    place = key & mask
    while arena.table[place] >= 0:
        node = arena.table[place]
        if arena.key[node] == key and arena.area[node] == area:
            same = True
            for i in range(len(slots)):
                same &= arena.slots[node, i] == slots[i]
            if same:
                return int(node), int(place)
        place = (place + np.uint64(1)) & mask
    return -1, int(place)


@compiled
def push(arena: Arena, rank: int, node: int) -> None:
    """Queue a node."""
    hole = arena.counts[QUEUED]
    arena.counts[QUEUED] += 1
    while hole > 0 and arena.queue_rank[(hole - 1) // 2] > rank:
        above = (hole - 1) // 2
        arena.queue_rank[hole] = arena.queue_rank[above]
        arena.queue_node[hole] = arena.queue_node[above]
        hole = above
    arena.queue_rank[hole] = rank
    arena.queue_node[hole] = node


@compiled
def pop(arena: Arena) -> int:
    """Take the node with the smallest rank off the queue."""
    first = arena.queue_node[0]
    arena.counts[QUEUED] -= 1
    size = arena.counts[QUEUED]
    rank, node = arena.queue_rank[size], arena.queue_node[size]
    hole = 0
    while 2 * hole + 1 < size:
        below = 2 * hole + 1
        if below + 1 < size and arena.queue_rank[below + 1] < arena.queue_rank[below]:
            below += 1
        if arena.queue_rank[below] >= rank:
            break
        arena.queue_rank[hole] = arena.queue_rank[below]
        arena.queue_node[hole] = arena.queue_node[below]
        hole = below
    arena.queue_rank[hole] = rank
    arena.queue_node[hole] = node
    return int(first)
