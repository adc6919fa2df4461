"""Questions about a world, by number: chains of one to three relations, and comparisons of two things."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
from numpy.random import Generator

from agentgym.tasks import NumberedTasks
from envs.tooluse.search.question import Question
from envs.tooluse.search.world.facts import Thing, World, world_of
from envs.tooluse.search.world.names import SPLITS
from envs.tooluse.search.world.relations import Relation, relations_of

__all__ = ["TYPES", "numbered", "world_question"]

TYPES: Final = ("1-hop", "2-hop", "3-hop", "compare")
"""The types of question: how many documents lead to the answer, one after the other; or two at once."""

_COUNT: Final = 1_000_000


def numbered(split: str, types: tuple[str, ...]) -> NumberedTasks:
    """List the ids "<split>/<type>/<number>", the types taking turns."""
    return NumberedTasks({f"{split}/{name}": _COUNT for name in types}, in_turn=True)


def world_question(task: str) -> Question:
    """Make the question of an id. Its gold documents are titles of articles."""
    split, name, number = task.split("/")
    world = world_of(split)
    for attempt in itertools.count():
        rng = np.random.default_rng([SPLITS.index(split), TYPES.index(name), int(number), attempt])
        made = _compare(world, rng) if name == "compare" else _chain(world, int(name[0]), rng)
        if made is not None:
            return made
    raise AssertionError("count() does not end")


def _chain(world: World, hops: int, rng: Generator) -> Question | None:
    """Draw a path; None where it ends early or comes back to where it was."""
    things = list(world.things.values())
    thing: Thing | None = things[int(rng.integers(len(things)))]
    passed: list[Thing] = []
    path: list[Relation] = []
    for hop in range(hops):
        if thing is None or thing in passed:
            return None
        passed.append(thing)
        open_ends = [r for r in relations_of(thing.kind) if r.target is not None or hop == hops - 1]
        path.append(open_ends[int(rng.integers(len(open_ends)))])
        answer = thing.facts[path[-1].name]
        thing = world.things.get(answer)
    if thing is not None and thing in passed:
        return None
    spoken = passed[0].name
    for relation in path[:-1]:
        spoken = relation.refer.format(spoken)
    return Question(path[-1].ask.format(spoken), (answer,), tuple(t.name for t in passed))


def _compare(world: World, rng: Generator) -> Question | None:
    """Ask which of two people or books is older; None where they are equally old."""
    kind, relation, asked = (
        ("person", "birth year", "Who was born earlier, {} or {}?")
        if rng.integers(2)
        else ("book", "year", "Which book was published earlier, {} or {}?")
    )
    things = world.of_kind(kind)  # type: ignore[arg-type]
    one, other = (things[int(place)] for place in rng.choice(len(things), 2, replace=False))
    if one.facts[relation] == other.facts[relation]:
        return None
    earlier = min(one, other, key=lambda thing: int(thing.facts[relation]))
    return Question(asked.format(one.name, other.name), (earlier.name,), (one.name, other.name))
