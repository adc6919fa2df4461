"""Weighted best-first search over pushes.

A position is the set of box slots and the area the player can walk in. Its rank is moves so far + weight *
lower bound on the pushes left; with a weight well above 1 the plan is found soon and is close to the
shortest, without a guarantee. A position that is reached again by fewer moves takes the cheaper parent,
but is not expanded twice.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs.sokoban.arena import EXPANDED, QUEUED, STORED, Arena, find, pop, push
from envs.sokoban.compiled import compiled
from envs.sokoban.corrals import FENCE, fence_off
from envs.sokoban.deadlocks import freezes
from envs.sokoban.floor import FAR, Floor
from envs.sokoban.matching import Matching, assign_all, new_matching, reassign
from envs.sokoban.reach import Ground, area_after, area_of, new_ground, walk_from

__all__ = ["BUDGET", "EXHAUSTED", "FULL", "SOLVED", "begin", "requeue", "search"]

SOLVED, EXHAUSTED, BUDGET, FULL = 0, 1, 2, 3


class Scratch(NamedTuple):
    """Working memory of one expansion."""

    ground: Ground
    slots: NDArray[np.int32]  # (B,): the child's boxes, ascending
    cells: NDArray[np.int32]  # (B,): their cells
    role: NDArray[np.uint8]  # (n + 1,): the parent's corral
    here: Matching
    child: Matching


@compiled
def _new_scratch(floor: Floor, boxes: int) -> Scratch:
    return Scratch(
        new_ground(floor),
        np.zeros(boxes, np.int32),
        np.zeros(boxes, np.int32),
        np.zeros(len(floor.neighbour), np.uint8),
        new_matching(floor.distance.shape[1]),
        new_matching(floor.distance.shape[1]),
    )


@compiled
def _enqueue(arena: Arena, node: int, weight: int) -> None:
    """Queue a node: cheap first, then near the end, then old."""
    bound = int(arena.bound[node])
    cost = int(arena.moves[node]) + weight * bound
    push(arena, (cost << 42) + (min(bound, 1023) << 32) + node, node)


@compiled
def _key(floor: Floor, slots: NDArray[np.int32], area: int) -> np.uint64:
    """Zobrist key of a position."""
    key: np.uint64 = floor.area_key[area]
    for slot in slots:
        key ^= floor.box_key[slot]
    return key


@compiled
def _replace(scratch: Scratch, row: int, slot: int) -> None:
    """Set the child's boxes to the parent's with one of them moved, in ascending order."""
    slots, old = scratch.slots, scratch.here.slots
    size = 0
    for i in range(len(slots)):
        if i != row:
            slots[size] = old[i]
            size += 1
    while size > 0 and slots[size - 1] > slot:
        slots[size] = slots[size - 1]
        size -= 1
    slots[size] = slot
    for i in range(len(slots)):
        scratch.cells[i] = slots[i] // 4


@compiled
def _store(floor: Floor, arena: Arena, scratch: Scratch, area: int, place: int, bound: int) -> int:
    """Write the child in `scratch` into the arena; its parent is still unknown."""
    node = arena.counts[STORED]
    arena.counts[STORED] += 1
    for i in range(len(scratch.slots)):
        arena.slots[node, i] = scratch.slots[i]
    arena.area[node] = area
    arena.key[node] = _key(floor, scratch.slots, area)
    arena.bound[node] = bound
    arena.table[place] = node
    return int(node)


@compiled
def _reach(
    floor: Floor, arena: Arena, scratch: Scratch, parent: int, row: int, pushed: int, weight: int
) -> None:
    """Enter the position after one push, or take this way to it if it is shorter, or drop it as lost."""
    cell, direction = divmod(pushed, 4)
    to = floor.neighbour[cell, direction]
    slot = floor.slot[to, direction ^ 1]
    moves = arena.moves[parent] + scratch.ground.walk[floor.neighbour[cell, direction ^ 1]] + 1
    _replace(scratch, row, slot)
    area = area_after(floor, scratch.ground, arena.area[parent], cell, to)
    node, place = find(arena, _key(floor, scratch.slots, area), scratch.slots, area)
    if node >= 0:
        if moves >= arena.moves[node]:
            return
    else:
        if freezes(floor, scratch.ground.state, scratch.cells, to):
            return
        bound = reassign(floor.distance, scratch.here, scratch.child, row, slot)
        if bound >= FAR:
            return
        node = _store(floor, arena, scratch, area, place, bound)
    arena.player[node] = cell
    arena.parent[node] = parent
    arena.pushed[node] = pushed
    arena.moves[node] = moves
    if not arena.closed[node]:
        _enqueue(arena, node, weight)


@compiled
def _expand(floor: Floor, arena: Arena, scratch: Scratch, node: int, weight: int) -> None:
    """Try every push from a position."""
    here = scratch.here
    here.slots[:] = len(floor.box_key)
    boxes = len(scratch.slots)
    for i in range(boxes):
        here.slots[i] = arena.slots[node, i]
        scratch.ground.state[here.slots[i] // 4] = 1
    assign_all(floor.distance, here)
    walk_from(floor, scratch.ground, arena.player[node])
    for i in range(boxes):
        scratch.cells[i] = here.slots[i] // 4
    pruned = fence_off(floor, scratch.ground, scratch.role, scratch.cells)
    for row in range(boxes):
        cell = here.slots[row] // 4
        if pruned and scratch.role[cell] != FENCE:
            continue
        for direction in range(4):
            to = floor.neighbour[cell, direction]
            origin = floor.neighbour[cell, direction ^ 1]
            if scratch.ground.walk[origin] < 0 or scratch.ground.state[to] != 0 or floor.dead[to]:
                continue
            scratch.ground.state[cell], scratch.ground.state[to] = 0, 1
            _reach(floor, arena, scratch, node, row, 4 * cell + direction, weight)
            scratch.ground.state[cell], scratch.ground.state[to] = 1, 0
    for i in range(boxes):
        scratch.ground.state[here.slots[i] // 4] = 0


@compiled
def _slot_of(floor: Floor, scratch: Scratch, player: int, box: int) -> int:
    """Find the slot of a box from where the player is, as if there were no other box."""
    scratch.ground.state[box] = 1
    walk_from(floor, scratch.ground, player)
    scratch.ground.state[box] = 0
    side = 0
    while scratch.ground.walk[floor.neighbour[box, side]] < 0:
        side += 1
    return int(floor.slot[box, side])


@compiled
def begin(floor: Floor, arena: Arena, player: int, boxes: NDArray[np.int32]) -> None:
    """Store the start position, unless its boxes cannot all reach targets.

    Args:
        floor: The floor, with at least as many targets as boxes.
        arena: An empty arena.
        player: Cell of the player.
        boxes: Cells of the boxes, shape (B,), ascending.
    """
    scratch = _new_scratch(floor, len(boxes))
    scratch.here.slots[:] = len(floor.box_key)
    for i, box in enumerate(boxes):
        scratch.slots[i] = _slot_of(floor, scratch, player, box)
        scratch.here.slots[i] = scratch.slots[i]
    for box in boxes:
        scratch.ground.state[box] = 1
    bound = assign_all(floor.distance, scratch.here)
    if bound >= FAR:
        return
    area = area_of(floor, scratch.ground, player)
    _, place = find(arena, _key(floor, scratch.slots, area), scratch.slots, area)
    node = _store(floor, arena, scratch, area, place, bound)
    arena.player[node] = player
    arena.parent[node] = -1
    arena.moves[node] = 0


@compiled
def requeue(arena: Arena, weight: int) -> None:
    """Queue every position that waits to be expanded, ranked with another weight."""
    arena.counts[QUEUED] = 0
    for node in range(arena.counts[STORED]):
        if not arena.closed[node]:
            _enqueue(arena, node, weight)


@compiled
def search(floor: Floor, arena: Arena, weight: int, node_budget: int) -> tuple[int, int]:
    """Expand positions until one is solved or something runs out.

    Args:
        floor: The floor.
        arena: The positions so far, all that are not closed being queued.
        weight: Weight of the lower bound.
        node_budget: Positions to have expanded at the end, those of earlier calls included.

    Returns:
        `SOLVED` and the solved node, or -1 with `EXHAUSTED` (no plan exists), `BUDGET` (enough positions
        expanded; `requeue` before the next call) or `FULL` (call again with the arena grown).
    """
    boxes = arena.slots.shape[1]
    scratch = _new_scratch(floor, boxes)
    counts = arena.counts
    while counts[QUEUED] > 0:
        full = counts[STORED] + 4 * boxes > len(arena.player)
        if full or counts[QUEUED] + 4 * boxes > len(arena.queue_node):
            return FULL, -1
        node = pop(arena)
        if arena.closed[node]:
            continue
        if arena.bound[node] == 0:
            return SOLVED, node
        if counts[EXPANDED] >= node_budget:
            return BUDGET, -1
        arena.closed[node] = True
        counts[EXPANDED] += 1
        _expand(floor, arena, scratch, node, weight)
    return EXHAUSTED, -1
