"""A small kitchen in PDDL, with the goal of your choice, and the file that holds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from envs.alfworld.domain import DOMAIN, check_domain, write_grammar
from envs.alfworld.game import Game, game_from_record
from envs.alfworld.problem import Problem, read_problem
from envs.alfworld.world import World

PLACES = {  # id: (type, location, openable)
    "CounterTop_bar_1": ("CounterTopType", "loc_bar_1", False),
    "Fridge_bar_1": ("FridgeType", "loc_bar_2", True),
    "Microwave_bar_1": ("MicrowaveType", "loc_bar_3", True),
    "Sink_bar_1": ("SinkType", "loc_bar_4", False),
    "Sink_bar_1_bar_SinkBasin": ("SinkBasinType", "loc_bar_4", False),
    "Drawer_bar_1": ("DrawerType", "loc_bar_1", True),
}
THINGS = {  # id: (type, receptacles, abilities)
    "Apple_bar_1": (
        "AppleType",
        ["Sink_bar_1", "Sink_bar_1_bar_SinkBasin"],
        "cleanable heatable coolable sliceable",
    ),
    "Apple_bar_2": ("AppleType", ["Fridge_bar_1"], "cleanable heatable coolable sliceable"),
    "Knife_bar_1": ("KnifeType", ["Drawer_bar_1"], "cleanable"),
    "Plate_bar_1": ("PlateType", ["CounterTop_bar_1"], "isReceptacleObject coolable"),
    "DeskLamp_bar_1": ("DeskLampType", ["CounterTop_bar_1"], "toggleable"),
}
CONTAIN = ["AppleType", "KnifeType", "PlateType"]
PLACE_APPLE = """(and (exists (?r - receptacle) (exists (?o - object) (and
    (inReceptacle ?o ?r) (objectType ?o AppleType) (receptacleType ?r CounterTopType)))))"""
CLEAN_APPLE = """(and (exists (?r - receptacle) (exists (?o - object) (and (cleanable ?o) (isClean ?o)
    (inReceptacle ?o ?r) (objectType ?o AppleType) (receptacleType ?r CounterTopType)))))"""
TWO_APPLES = """(and (exists (?r - receptacle) (exists (?o1 - object) (and (objectType ?o1 AppleType)
    (receptacleType ?r CounterTopType) (inReceptacle ?o1 ?r) (exists (?o2 - object) (and (not (= ?o1 ?o2))
    (objectType ?o2 AppleType) (receptacleType ?r CounterTopType) (inReceptacle ?o2 ?r)))))))"""
LIGHT_APPLE = """(and (exists (?lamp - object ?r - receptacle ?a - agent ?l - location) (and
    (objectType ?lamp DeskLampType) (toggleable ?lamp) (isToggled ?lamp) (receptacleAtLocation ?r ?l)
    (atLocation ?a ?l) (inReceptacle ?lamp ?r)))
    (exists (?o - object ?a - agent) (and (objectType ?o AppleType) (holds ?a ?o))))"""


def kitchen(goal: str = PLACE_APPLE, more: str = "") -> str:
    """The PDDL of the kitchen; `more` are further initial facts."""
    facts = [
        "(atLocation agent1 loc_bar_0)",
        "(isCool Apple_bar_2)",
        "(inReceptacleObject Fork_bar_1 Plate_bar_1)",
    ]
    for place, (kind, where, openable) in PLACES.items():
        facts += [f"(receptacleType {place} {kind})", f"(receptacleAtLocation {place} {where})"]
        facts += [f"(openable {place})"] * openable
        facts += [f"(canContain {kind} {each})" for each in CONTAIN]
    for thing, (kind, inside, able) in THINGS.items():
        facts += [f"(objectType {thing} {kind})", *(f"({word} {thing})" for word in able.split())]
        facts += [f"(inReceptacle {thing} {place})" for place in inside]
        facts += [f"(objectAtLocation {thing} {PLACES[inside[0]][1]})"]
        facts += [f"(pickupable {thing})"] * (kind in CONTAIN)
    init = "\n".join([*facts, more])
    head = "(define (problem kitchen)\n(:domain alfred)\n(:objects agent1 - agent)"
    return f"{head}\n(:init\n{init}\n)\n(:goal {goal}))"


def problem(goal: str = PLACE_APPLE, more: str = "") -> Problem:
    """The kitchen, read."""
    return read_problem(kitchen(goal, more), check_domain(DOMAIN))


def world(goal: str = PLACE_APPLE, more: str = "") -> World:
    """The kitchen at its start."""
    return World(problem(goal, more))


def record(
    goal: str = PLACE_APPLE, task: str = "put an apple in countertop.", **changes: Any
) -> dict[str, Any]:
    """What the file of the game holds."""
    parts = {
        "pddl_domain": DOMAIN,
        "grammar": write_grammar(task),
        "pddl_problem": kitchen(goal),
        "solvable": True,
    }
    return parts | changes


def game(goal: str = PLACE_APPLE) -> Game:
    """The game."""
    return game_from_record(record(goal))


def play(state: World, *commands: str) -> World:
    """Carry out commands, all of which must be admissible."""
    for command in commands:
        state.apply(state.moves()[command])
    return state


def write_game(root: Path, task: str, content: Any, *, split: str = "valid_seen") -> Path:
    """Write a game into the official layout; a text is written as it is."""
    path = root / "json_2.1.1" / split / task / "game.tw-pddl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path
