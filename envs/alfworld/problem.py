"""A household: what of it never changes, read from a PDDL problem.

Receptacles and objects are numbered in the order of their ids, which is the order of every list in the texts.
A set of objects (or of receptacles) is an `int` whose bits are their numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agentgym.hashing import state_key
from envs.alfworld.goal import Goal, read_goal
from envs.alfworld.pddl import Expression, PddlError, read_expression, show

__all__ = ["FLAGS", "Problem", "Receptacle", "bits", "name_ids", "read_problem"]

FLAGS: Final = ("isclean", "ishot", "iscool", "issliced", "istoggled")
"""What can become true of an object, in the order in which states hold it."""

_ABILITIES: Final = frozenset(
    {"pickupable", "cleanable", "heatable", "coolable", "sliceable", "toggleable", "isreceptacleobject"}
)
_NAMELESS: Final = frozenset(
    {"atlocation", "objectatlocation", "inreceptacle", "inreceptacleobject", "receptacletype"}
)
_IGNORED: Final = frozenset(
    {"=", "checked", "examined", "full", "moveable", "wasinreceptacle", "isreceptacleobjectfull", "ison"}
)
_ARITY: Final = {
    **dict.fromkeys((*_ABILITIES, *FLAGS, "openable", "opened"), 1),
    **dict.fromkeys((*_NAMELESS, "receptacleatlocation", "cancontain", "objecttype"), 2),
}
_SECTIONS: Final = frozenset((":domain", ":objects", ":init", ":goal", ":metric", ":requirements"))

Facts = dict[str, list[list[str]]]


@dataclass(frozen=True, slots=True)
class Receptacle:
    """A place for objects.

    Attributes:
        id: As in PDDL, lower case.
        name: As in the texts: "drawer 1".
        type: "drawertype".
        location: Number of the location it stands at.
        openable: Whether it can be opened and closed.
        accepts: The objects whose type it can contain.
    """

    id: str
    name: str
    type: str
    location: int
    openable: bool
    accepts: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A household and its goal.

    Attributes:
        receptacles: In the order of their ids.
        objects: Ids of the objects that can play a part, sorted.
        names: Their names in the texts: "mug 1".
        types: Their types: "mugtype"; "" where the problem gives none.
        able: For "pickupable", "cleanable", ...: the objects of which it is true.
        here: For each location: the receptacles that stand there, as numbers.
        inner: For each object that can hold objects and does: the names of these.
        goal: What must hold.
        start: The location of the agent at the start.
        contents: For each receptacle: the objects in it at the start.
        located: For each location: the objects that are there at the start.
        flags: For each of `FLAGS`: the objects of which it is true at the start.
        opened: The receptacles that are open at the start.
        cleaners: Types of receptacles that clean an object.
        by_type: For each type, the objects of it.
        identity: Hash of the problem's text: equal for equal problems.
        trips: What the rules remember of each location.
    """

    receptacles: tuple[Receptacle, ...]
    objects: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[str, ...]
    able: Mapping[str, int]
    here: tuple[tuple[int, ...], ...]
    inner: Mapping[int, tuple[str, ...]]
    goal: Goal
    start: int
    contents: tuple[int, ...]
    located: tuple[int, ...]
    flags: tuple[int, ...]
    opened: int
    cleaners: frozenset[str]
    by_type: Mapping[str, int] = field(repr=False)
    identity: str
    trips: dict[int, Any] = field(repr=False, compare=False, default_factory=dict)

    def objects_of(self, kind: str) -> int:
        """The objects of a type."""
        return self.by_type.get(kind, 0)

    def receptacles_of(self, kind: str) -> list[int]:
        """The numbers of the receptacles of a type."""
        return [number for number, each in enumerate(self.receptacles) if each.type == kind]


def bits(numbers: int) -> list[int]:
    """List the members of a set, in order."""
    found = []
    while numbers:
        lowest = numbers & -numbers
        found.append(lowest.bit_length() - 1)
        numbers ^= lowest
    return found


def name_ids(ids: Iterable[str]) -> dict[str, str]:
    """Name things as ALFWorld does: the first id of a name, in sorted order, gets the highest number.

    Args:
        ids: All ids of a problem, lower case: "sink_bar_1_bar_sinkbasin".

    Returns:
        Their names: "sinkbasin 1". An id without a position is its own name, followed by a space.
    """
    known = set(ids)
    names = {each: f"{each} " for each in known}
    stems = {each: _stem(each) for each in sorted(known) if "_bar_" in each}
    left = Counter(stems.values())
    for each, stem in stems.items():
        names[each] = f"{stem} {left[stem]}"
        left[stem] -= 1
    return names


def _stem(name: str) -> str:
    stem = name.partition("_bar_")[0]
    return stem + "basin" if "basin" in name else stem


def read_problem(text: str, cleaners: frozenset[str]) -> Problem:
    """Read a PDDL problem of the ALFRED domain.

    Args:
        text: The PDDL.
        cleaners: Types of receptacles that clean an object.

    Raises:
        PddlError: It is broken, or says what the engine does not know. The message quotes the place.
    """
    sections = _sections(read_expression(text))
    facts = _facts(sections[":init"])
    receptacle_at = _one_each(facts, "receptacleatlocation")
    start = _start(facts)
    places = _number(sorted({*receptacle_at.values(), start}))
    types = _one_each(facts, "objecttype")
    number = _number(sorted(_mentioned_objects(facts)))
    names = name_ids(word for name in facts if name != "cancontain" for row in facts[name] for word in row)
    by_type: dict[str, int] = {}
    for each, kind in types.items():
        by_type[kind] = by_type.get(kind, 0) | 1 << number[each]
    receptacles = _receptacles(facts, receptacle_at, places, names, by_type)
    index = _number(each.id for each in receptacles)
    here: list[list[int]] = [[] for _ in places]
    for i, receptacle in enumerate(receptacles):
        here[receptacle.location].append(i)
    return Problem(
        receptacles=receptacles,
        objects=tuple(number),
        names=tuple(names[each] for each in number),
        types=tuple(types.get(each, "") for each in number),
        able={name: _marked(facts, name, number) for name in _ABILITIES},
        here=tuple(map(tuple, here)),
        inner=_inner(facts, number, names),
        goal=read_goal(sections[":goal"][0] if sections[":goal"] else []),
        start=places[start],
        contents=_gathered(facts, "inreceptacle", number, index),
        located=_gathered(facts, "objectatlocation", number, places),
        flags=tuple(_marked(facts, name, number) for name in FLAGS),
        opened=_marked(facts, "opened", index),
        cleaners=cleaners,
        by_type=by_type,
        identity=state_key(text.encode() + repr(sorted(cleaners)).encode()),
    )


def _number(ids: Iterable[str]) -> dict[str, int]:
    return {each: number for number, each in enumerate(ids)}


def _start(facts: Facts) -> str:
    starts = [where for _, where in facts.get("atlocation", [])]
    if len(starts) != 1:
        raise PddlError(
            f"the agent is at {len(starts)} locations. Expected exactly one (atLocation agent1 ...)"
        )
    return starts[0]


def _marked(facts: Facts, name: str, number: Mapping[str, int]) -> int:
    """The things of which a fact is true."""
    return sum(1 << number[each] for each in {row[0] for row in facts.get(name, [])})


def _gathered(facts: Facts, name: str, number: Mapping[str, int], keys: Mapping[str, int]) -> tuple[int, ...]:
    """For each key, the objects that a fact relates to it; facts about other things are passed over."""
    sets = [0] * len(keys)
    for each, key in facts.get(name, []):
        if key in keys:
            sets[keys[key]] |= 1 << number[each]
    return tuple(sets)


def _sections(problem: list[Expression]) -> dict[str, list[Expression]]:
    if len(problem) < 2 or problem[0] != "define" or not _headed(problem[1], "problem"):
        raise PddlError(f"it begins with {show(problem)}. Expected (define (problem ...) ...)")
    found: dict[str, list[Expression]] = {}
    for part in problem[2:]:
        if not isinstance(part, list) or not part or part[0] not in _SECTIONS:
            raise PddlError(f"the engine does not know the section {show(part)} of a problem")
        found[str(part[0])] = part[1:]
    for name in (":init", ":goal"):
        if name not in found:
            raise PddlError(f"it has no section ({name} ...)")
    return found


def _headed(part: Expression, head: str) -> bool:
    return isinstance(part, list) and bool(part) and part[0] == head


def _facts(init: Sequence[Expression]) -> Facts:
    """Gather the arguments of the facts by name. It takes the lists over: there are hundreds of them."""
    facts: Facts = {}
    for fact in init:
        if type(fact) is not list or not fact or type(fact[0]) is not str:
            raise PddlError(f"{show(fact)} in (:init ...) is no fact")
        name = fact[0]
        if name in _IGNORED:
            continue
        if len(fact) - 1 != _ARITY.get(name) or not (type(fact[1]) is type(fact[-1]) is str):
            raise PddlError(f"the engine does not know the fact {show(fact)} in (:init ...)")
        arguments: Any = fact
        del arguments[0]
        facts.setdefault(name, []).append(arguments)
    return facts


def _one_each(facts: Facts, name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in facts.get(name, []):
        if found.setdefault(key, value) != value:
            raise PddlError(f"{key} has two facts {name}: {found[key]} and {value}")
    return found


def _mentioned_objects(facts: Facts) -> set[str]:
    found = {row[0] for name in (*_ABILITIES, *FLAGS) for row in facts.get(name, [])}
    for name in ("objecttype", "inreceptacle", "objectatlocation"):
        found.update(row[0] for row in facts.get(name, []))
    return (
        found.union(*map(set, facts.get("inreceptacleobject", [])))
        if "inreceptacleobject" in facts
        else found
    )


def _receptacles(
    facts: Facts, at: dict[str, str], places: dict[str, int], names: dict[str, str], by_type: dict[str, int]
) -> tuple[Receptacle, ...]:
    types = _one_each(facts, "receptacletype")
    openable = {row[0] for row in facts.get("openable", [])}
    accepts: dict[str, int] = {}
    for kind, held in facts.get("cancontain", []):
        accepts[kind] = accepts.get(kind, 0) | by_type.get(held, 0)
    strange = {row[1] for row in facts.get("inreceptacle", [])} | {row[0] for row in facts.get("opened", [])}
    nowhere = sorted((strange | openable | types.keys()) - at.keys())
    if nowhere:
        raise PddlError(f"{nowhere[0]} is at no location. Expected (receptacleAtLocation {nowhere[0]} ...)")
    return tuple(
        Receptacle(
            each,
            names[each],
            kind := types.get(each, ""),
            places[at[each]],
            each in openable,
            accepts.get(kind, 0),
        )
        for each in sorted(at)
    )


def _inner(facts: Facts, number: dict[str, int], names: dict[str, str]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for inner, outer in sorted(facts.get("inreceptacleobject", [])):
        found.setdefault(number[outer], []).append(names[inner])
    return {outer: tuple(inside) for outer, inside in found.items()}
