"""A household as ALFWorld writes it: the PDDL problem, and the task in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from envs.alfworld.generator.household import STATIONS, Aim, Household
from envs.alfworld.generator.layout import Layout
from envs.alfworld.generator.things import ABILITIES, HOLDS, OPENABLE
from envs.alfworld.goal import TaskType

__all__ = ["SENTENCES", "name_things", "write_problem", "write_task"]

SENTENCES: Final[dict[TaskType, tuple[str, str]]] = {
    "pick_and_place_simple": ("put a {thing} in {target}.", "put some {thing} on {target}."),
    "look_at_obj_in_light": ("look at {thing} under the {lamp}.", "examine the {thing} with the {lamp}."),
    "pick_clean_then_place_in_recep": (
        "put a clean {thing} in {target}.",
        "clean some {thing} and put it in {target}.",
    ),
    "pick_heat_then_place_in_recep": (
        "put a hot {thing} in {target}.",
        "heat some {thing} and put it in {target}.",
    ),
    "pick_cool_then_place_in_recep": (
        "put a cool {thing} in {target}.",
        "cool some {thing} and put it in {target}.",
    ),
    "pick_two_obj_and_place": ("put two {thing} in {target}.", "find two {thing} and put them in {target}."),
}
"""The sentences of the official games."""

_FLAGS: Final = {"cleanable": "isClean", "heatable": "isHot", "coolable": "isCool"}
_ALWAYS_OBJECTS: Final = ("ButterKnife", "Knife")
_ALWAYS_RECEPTACLES: Final = ("Fridge", "Microwave", "Sink", "SinkBasin")


def write_task(aim: Aim, wording: int) -> str:
    """Write the task in words; `wording` (0 or 1) chooses the sentence."""
    words = {"thing": aim.thing.lower(), "target": aim.target.lower(), "lamp": aim.lamp.lower()}
    return SENTENCES[aim.task_type][wording].format(**words)


def name_things(household: Household) -> tuple[tuple[str, str], ...]:
    """Give each object its id in PDDL and its name in the texts: ("Apple_bar_01", "apple 2").

    ALFWorld counts down: the first id of a type gets the highest number.
    """
    total = Counter(thing.type for thing in household.things)
    seen = Counter[str]()
    named = []
    for thing in household.things:
        named.append(
            (
                f"{thing.type}_bar_{seen[thing.type] + 1:02d}",
                f"{thing.type.lower()} {total[thing.type] - seen[thing.type]}",
            )
        )
        seen[thing.type] += 1
    return tuple(named)


def write_problem(household: Household, title: str) -> str:
    """Write the PDDL problem.

    Args:
        household: What to write.
        title: Name of the problem.
    """
    layout = household.layout
    ids = [each for each, _ in name_things(household)]
    kinds = dict.fromkeys(thing.type for thing in household.things)
    objects, facts = _room(layout)
    typed = [f"{each} - object" for each in ids]
    typed += [f"{kind}Type - otype" for kind in dict.fromkeys((*kinds, *_ALWAYS_OBJECTS))]
    return (
        f"(define (problem {title})\n(:domain alfred)\n(:objects\n{objects}\n{_lines(typed)}\n)\n"
        f"(:init\n{facts}\n{_lines(_contain(layout, kinds))}\n{_lines(_thing_facts(household, ids))}\n)\n"
        f"(:goal {_goal(household.aim)})\n)\n"
    )


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


@lru_cache(maxsize=64)
def _written(room: tuple[tuple[str, str, int], ...]) -> tuple[str, str]:
    """Write what is the same in all games of a room: objects and facts of its receptacles."""
    locations = sorted({where for _, _, where in room})
    typed = ["agent1 - agent", *(f"{each} - receptacle" for each, _, _ in room)]
    typed += [f"loc_bar_{where} - location" for where in ("start", *locations)]
    kinds = dict.fromkeys((*(kind for _, kind, _ in room), *_ALWAYS_RECEPTACLES))
    typed += [f"{kind}Type - rtype" for kind in kinds]
    facts = ["(atLocation agent1 loc_bar_start)"]
    for each, kind, where in room:
        facts.append(f"(receptacleType {each} {kind}Type)")
        facts.append(f"(receptacleAtLocation {each} loc_bar_{where})")
        if kind in OPENABLE:
            facts.append(f"(openable {each})")
    return _lines(typed), _lines(facts)


def _room(layout: Layout) -> tuple[str, str]:
    return _written(tuple(zip(layout.ids, layout.types, layout.locations, strict=True)))


def _contain(layout: Layout, kinds: Iterable[str]) -> list[str]:
    return [
        f"(canContain {place}Type {kind}Type)"
        for place in layout.by_type
        for kind in kinds
        if kind in HOLDS[place]
    ]


def _thing_facts(household: Household, ids: list[str]) -> list[str]:
    layout = household.layout
    facts = []
    for each, thing in zip(ids, household.things, strict=True):
        facts.append(f"(objectType {each} {thing.type}Type)")
        facts.append(f"(inReceptacle {each} {layout.ids[thing.where]})")
        facts.append(f"(objectAtLocation {each} loc_bar_{layout.locations[thing.where]})")
        facts.extend(f"({ability} {each})" for ability in _abilities(thing.type))
        if thing.cool:
            facts.append(f"(isCool {each})")
    return facts


@cache
def _abilities(kind: str) -> tuple[str, ...]:
    return tuple(ability for ability, kinds in ABILITIES.items() if kind in kinds)


def _goal(aim: Aim) -> str:
    thing, target = f"(objectType ?o {aim.thing}Type)", f"(receptacleType ?r {aim.target}Type)"
    if aim.lamp:
        return (
            "(and (exists (?lamp - object ?r - receptacle ?a - agent ?l - location) (and "
            f"(objectType ?lamp {aim.lamp}Type) (toggleable ?lamp) (isToggled ?lamp) "
            "(receptacleAtLocation ?r ?l) (atLocation ?a ?l) (inReceptacle ?lamp ?r))) "
            f"(exists (?o - object ?a - agent) (and {thing} (holds ?a ?o))))"
        )
    if aim.wanted == 2:
        one, other = (
            f"(objectType {each} {aim.thing}Type) {target} (inReceptacle {each} ?r)"
            for each in ("?o1", "?o2")
        )
        return (
            f"(and (exists (?r - receptacle) (exists (?o1 - object) (and {one} "
            f"(exists (?o2 - object) (and (not (= ?o1 ?o2)) {other}))))))"
        )
    _, ability = STATIONS.get(aim.task_type, ("", ""))
    changed = f"({ability} ?o) ({_FLAGS[ability]} ?o) " if ability else ""
    return (
        "(and (exists (?r - receptacle) (exists (?o - object) "
        f"(and {changed}{thing} {target} (inReceptacle ?o ?r)))))"
    )
