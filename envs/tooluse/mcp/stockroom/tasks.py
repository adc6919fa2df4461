"""Tasks of the stockroom, by number: moving, filling up, clearing, counting."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.random import Generator

from agentgym.hashing import digest
from agentgym.tasks import NumberedTasks
from envs.tooluse.core import ToolCall
from envs.tooluse.mcp.stockroom.service import Shelves, Stockroom
from envs.tooluse.mcp.task import McpTask

__all__ = ["KINDS", "SPLITS", "numbered", "shelves_of", "stockroom_task"]

SPLITS: Final = ("train", "validation", "test")
_OWNERS: Final = ("train",) * 8 + ("validation", "test")
_COUNT: Final = 1_000_000
_SHELVES: Final = tuple(f"{row}{place}" for row in "ABC" for place in (1, 2, 3))
_ITEMS: Final = (
    "bolt",
    "bracket",
    "cable",
    "fuse",
    "hinge",
    "lamp",
    "nail",
    "nut",
    "screw",
    "spring",
    "tile",
    "valve",
)


def numbered(split: str) -> NumberedTasks:
    """List the ids "<split>/<kind>/<number>", the kinds taking turns."""
    return NumberedTasks({f"{split}/{kind}": _COUNT for kind in KINDS}, in_turn=True)


def shelves_of(task: str) -> Shelves:
    """Return the shelves that a task starts from."""
    return _made(task)[0]


@lru_cache(maxsize=8)
def stockroom_task(task: str) -> McpTask:
    """Make the task of an id."""
    shelves, wish = _made(task)
    room = Stockroom(shelves)
    for call in wish.calls:
        room.tools[call.name](**call.arguments)
    return McpTask(
        task,
        wish.instruction,
        setup=(ToolCall("prepare", {"task": task}),),
        calls=wish.calls,
        reply=wish.reply,
        state=room.save(),
        outputs=wish.outputs,
    )


@lru_cache(maxsize=8)
def _made(task: str) -> tuple[Shelves, McpTask]:
    """Draw shelves and a wish until a hash of both gives them to the split of the id."""
    split, kind, number = task.split("/")
    for attempt in itertools.count():
        rng = np.random.default_rng([SPLITS.index(split), list(KINDS).index(kind), int(number), attempt])
        shelves = _shelves(rng)
        wish = KINDS[kind](shelves, rng)
        if _OWNERS[int(digest([shelves, wish.instruction]), 16) % len(_OWNERS)] == split:
            return shelves, wish
    raise AssertionError("count() does not end")


def _shelves(rng: Generator) -> Shelves:
    return {shelf: {_pick(_ITEMS, rng): _amount(rng) for _ in range(3)} for shelf in _SHELVES}


def _move(shelves: Shelves, rng: Generator) -> McpTask:
    source, target = (_SHELVES[int(place)] for place in rng.choice(len(_SHELVES), 2, replace=False))
    item = _pick(tuple(shelves[source]), rng)
    calls = (
        ToolCall("look_at_shelf", {"shelf": source}),
        ToolCall("move", {"item": item, "source": source, "target": target, "amount": shelves[source][item]}),
    )
    return McpTask("", f"Move every {item} on shelf {source} to shelf {target}.", calls=calls)


def _fill_up(shelves: Shelves, rng: Generator) -> McpTask:
    shelf = _pick(_SHELVES, rng)
    item = _pick(tuple(shelves[shelf]), rng)
    wanted = shelves[shelf][item] + _amount(rng)
    calls = (
        ToolCall("look_at_shelf", {"shelf": shelf}),
        ToolCall("put", {"shelf": shelf, "item": item, "amount": wanted - shelves[shelf][item]}),
    )
    instruction = (
        f"Put as many of the item {item} on shelf {shelf} as are needed to have exactly {wanted} there."
    )
    return McpTask("", instruction, calls=calls)


def _clear(shelves: Shelves, rng: Generator) -> McpTask:
    item = _pick(tuple(shelves[_pick(_SHELVES, rng)]), rng)
    places = {shelf: items[item] for shelf, items in shelves.items() if item in items}
    takes = [ToolCall("take", {"shelf": s, "item": item, "amount": n}) for s, n in places.items()]
    calls = (ToolCall("find_item", {"item": item}), *takes)
    return McpTask("", f"Take every {item} out of the room, whatever shelf it is on.", calls=calls)


def _count(shelves: Shelves, rng: Generator) -> McpTask:
    item = _pick(tuple(shelves[_pick(_SHELVES, rng)]), rng)
    total = sum(items.get(item, 0) for items in shelves.values())
    return McpTask(
        "",
        f"How many of the item {item} are there on all shelves together? Reply with the number.",
        calls=(ToolCall("find_item", {"item": item}),),
        reply=f"There are {total}.",
        outputs=(str(total),),
    )


def _pick(options: tuple[str, ...], rng: Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _amount(rng: Generator) -> int:
    return int(rng.integers(2, 60))


KINDS: Final[Mapping[str, Callable[[Shelves, Generator], McpTask]]] = {
    "move": _move,
    "fill": _fill_up,
    "clear": _clear,
    "count": _count,
}
"""The kinds of task."""
