"""The domain "shop": tasks by number, each with a world of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from agentgym.errors import suggest
from agentgym.tasks import NumberedTasks
from envs.tooluse.core import ToolCall
from envs.tooluse.customer.database import Base, Database, Row
from envs.tooluse.customer.desk import Desk
from envs.tooluse.customer.shop.desk import ShopDesk
from envs.tooluse.customer.shop.policy import POLICY
from envs.tooluse.customer.shop.requests import MAKERS, Request
from envs.tooluse.customer.shop.world import World
from envs.tooluse.customer.task import SPLITS, TRANSFER, CustomerTask, Script

__all__ = ["KINDS", "ShopDomain"]

KINDS: Final = (*MAKERS, "two")
"""Kinds of task: one wish of each kind, and two wishes at once."""

_PER_KIND: Final = 100_000
_PAIRED: Final = tuple(kind for kind in MAKERS if kind != "human")


class ShopDomain:
    """A million generated tasks in each split, called "<split>/<kind>/<number>".

    Every task has a world of its own, made by its number. The numbers of orders tell the splits apart, so
    that no two splits share a world.
    """

    name = "shop"
    policy = POLICY
    finite = False

    def __init__(self) -> None:
        self._tasks = {
            split: NumberedTasks({f"{split}/{kind}": _PER_KIND for kind in KINDS}, in_turn=True)
            for split in SPLITS
        }

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split; the kinds take turns."""
        if split not in SPLITS:
            raise suggest("split", split, SPLITS)
        return self._tasks[split]

    def task(self, task: str) -> CustomerTask:
        """Return a task."""
        return _made(task)[0]

    def base(self, task: str) -> Base:
        """Return the world of a task."""
        return _made(task)[1]

    def service(self, database: Database) -> Desk:
        """Set the tools up over a database."""
        return ShopDesk(database)


@lru_cache(maxsize=4)
def _made(task: str) -> tuple[CustomerTask, Base]:
    split, kind, number = task.split("/")
    stamp = SPLITS.index(split)
    rng = np.random.default_rng([stamp, KINDS.index(kind), int(number)])
    world = World(rng, stamp)
    kinds = world.some(_PAIRED, 2) if kind == "two" else [kind]
    requests = [MAKERS[each](world) for each in kinds]
    return _task(task, world, requests), Base(world.tables)


def _task(task: str, world: World, requests: Sequence[Request]) -> CustomerTask:
    caller = world.caller
    by_email = world.chance(0.5)
    wishes = [_also(n, request.wish) for n, request in enumerate(requests)]
    details = [request.details for request in requests]
    sentences = [*details[0], *(s for n in range(1, len(requests)) for s in (wishes[n], *details[n]))]
    calls = [call for request in requests for call in request.calls]
    hand_over = any(request.hand_over for request in requests)
    transfer = (ToolCall(TRANSFER, {"summary": requests[-1].wish}),) if hand_over else ()
    return CustomerTask(
        id=task,
        user_id=caller["customer_id"],
        instruction=" ".join([_introduction(caller, by_email), wishes[0], *sentences]),
        actions=(*_identify(caller, by_email), *calls, *transfer),
        outputs=tuple(output for request in requests for output in request.outputs),
        script=Script(f"Hello. {wishes[0]}", _answers(caller, by_email, requests), tuple(sentences)),
        required=transfer,
    )


def _also(number: int, wish: str) -> str:
    return f"Another thing: {wish}" if number else wish


def _introduction(caller: Row, by_email: bool) -> str:
    name = f"My name is {caller['first_name']} {caller['last_name']}"
    where = f"my postcode is {caller['address']['postcode']}"
    return f"{name}, my email is {caller['email']}." if by_email else f"{name}, {where}."


def _identify(caller: Row, by_email: bool) -> tuple[ToolCall, ...]:
    """Return the calls that find the caller."""
    name = {"first_name": caller["first_name"], "last_name": caller["last_name"]}
    find = (
        ToolCall("find_customer_by_email", {"email": caller["email"]})
        if by_email
        else ToolCall("find_customer_by_name", {**name, "postcode": caller["address"]["postcode"]})
    )
    return find, ToolCall("get_customer", {"customer_id": caller["customer_id"]})


def _answers(caller: Row, by_email: bool, requests: Sequence[Request]) -> dict[str, str]:
    """Return what the caller answers when asked; of two wishes with one topic, both answers."""
    forgotten = "I do not remember which email I used. My name and postcode must do."
    answers = {
        "email": f"My email is {caller['email']}." if by_email else forgotten,
        "name": f"My name is {caller['first_name']} {caller['last_name']}.",
        "zip": f"My postcode is {caller['address']['postcode']}.",
        "user id": "I do not know it.",
    }
    for request in requests:
        for topic, words in (request.answers or {}).items():
            answers[topic] = f"{answers[topic]} {words}" if topic in answers else words
    return answers
