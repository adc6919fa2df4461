"""Reading games: what is understood, and what is refused with a place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agentgym.errors import DataError
from envs.alfworld.domain import DOMAIN, check_domain, check_grammar, write_grammar
from envs.alfworld.game import game_from_record, read_game
from envs.alfworld.goal import read_goal
from envs.alfworld.pddl import PddlError, read_expression
from tests.envs.alfworld.houses import (
    CLEAN_APPLE,
    LIGHT_APPLE,
    PLACE_APPLE,
    TWO_APPLES,
    kitchen,
    problem,
    record,
    write_game,
)


@pytest.mark.parametrize(
    ("goal", "task_type", "count"),
    [
        (PLACE_APPLE, "pick_and_place_simple", 1),
        (CLEAN_APPLE, "pick_clean_then_place_in_recep", 1),
        (CLEAN_APPLE.replace("lean", "ool"), "pick_cool_then_place_in_recep", 1),
        (
            CLEAN_APPLE.replace("cleanable", "heatable").replace("isClean", "isHot"),
            "pick_heat_then_place_in_recep",
            1,
        ),
        (TWO_APPLES, "pick_two_obj_and_place", 2),
        (LIGHT_APPLE, "look_at_obj_in_light", 1),
    ],
)
def test_goal__of_each_kind_is_recognised(goal: str, task_type: str, count: int) -> None:
    read = problem(goal).goal
    assert (read.task_type, read.object_type, read.count) == (task_type, "appletype", count)
    lamp, place = ("desklamptype", "") if task_type == "look_at_obj_in_light" else ("", "countertoptype")
    assert (read.lamp_type, read.receptacle_type) == (lamp, place)


@pytest.mark.parametrize(
    "goal",
    [
        "(or (inReceptacle a b) (inReceptacle a c))",
        "(forall (?o - object) (isClean ?o))",
        "(and (isClean a) (full b))",
        "(and (objectType ?o AppleType))",
        TWO_APPLES.replace("(not (= ?o1 ?o2))", ""),
        PLACE_APPLE.replace("(objectType ?o AppleType)", "(not (objectType ?o AppleType))"),
    ],
)
def test_goal__of_another_kind_is_refused(goal: str) -> None:
    with pytest.raises(PddlError, match="goal"):
        read_goal(read_expression(goal))


def test_grammar__gives_the_sentence_of_the_task_back() -> None:
    assert check_grammar(write_grammar('put a "mug" in desk.')) == 'put a "mug" in desk.'


def test_grammar__of_another_version_is_refused() -> None:
    old = write_grammar("put a mug in desk.").replace("You move the {o.name}", "You put the {o.name}")
    with pytest.raises(PddlError, match="sentence"):
        check_grammar(old)


def test_domain__may_let_the_basin_alone_clean() -> None:
    later = DOMAIN.replace("(receptacleType ?r SinkType)", "")
    assert check_domain(later) == {"sinkbasintype"}
    assert check_domain(DOMAIN) == {"sinktype", "sinkbasintype"}


def test_domain__with_another_action_is_refused() -> None:
    with pytest.raises(PddlError, match="'openobject'"):
        check_domain(DOMAIN.replace("(not (opened ?r))", "(opened ?r)", 1))
    with pytest.raises(PddlError, match="fly"):
        check_domain(DOMAIN.replace("(:action help", "(:action fly :parameters ())\n(:action help"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pddl_problem": None}, "pddl_problem"),
        ({"pddl_problem": "(define (problem x) (:init) (:goal"}, "cut off"),
        ({"pddl_problem": "nothing"}, "no list begins"),
        ({"pddl_problem": kitchen()[:900]}, "line"),
        ({"pddl_problem": kitchen(more="(flies Apple_bar_1)")}, "(flies apple_bar_1)"),
        ({"pddl_problem": kitchen(more="(not (openable Fridge_bar_1))")}, "(not (openable"),
        ({"pddl_problem": kitchen(more="(atLocation agent1 loc_bar_3)")}, "2 locations"),
        (
            {"pddl_problem": kitchen(more="(inReceptacle Apple_bar_1 Bin_bar_1)")},
            "bin_bar_1 is at no location",
        ),
        ({"pddl_problem": kitchen().replace("(:objects", "(:constants")}, ":constants"),
        ({"pddl_domain": "(define (domain alfred))"}, "lacks the actions"),
        ({"grammar": "grammar :: "}, "Your task is to"),
        ({"walkthrough": 7}, "walkthrough"),
    ],
)
def test_read_game__names_the_file_and_the_place(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    path = write_game(tmp_path, "pick_and_place_simple-Apple-None-CounterTop-1/trial_1", record(**changes))
    with pytest.raises(DataError) as raised:
        read_game(path)
    assert str(path) in str(raised.value)
    assert words in str(raised.value)


@pytest.mark.parametrize("cut", [0, 1, 100, 5000, -1])
def test_read_game__refuses_a_truncated_file(tmp_path: Path, cut: int) -> None:
    text = json.dumps(record())
    path = write_game(tmp_path, "pick_and_place_simple-Apple-None-CounterTop-1/trial_1", text[:cut])
    with pytest.raises(DataError, match="no JSON text"):
        read_game(path)


def test_read_game__refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_game(tmp_path / "game.tw-pddl")


def test_game__of_a_record_keeps_the_walkthrough() -> None:
    assert game_from_record(record(walkthrough=["look"])).walkthrough == ("look",)
