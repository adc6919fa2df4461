"""Generated tasks: solvable, apart, bounded by their difficulty, and equal in every process."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from agentgym.errors import ArgumentError, UnknownNameError
from agentgym.hashing import digest
from envs.tooluse.functions.case import MORE_FUNCTIONS, MultiTurnCase
from envs.tooluse.functions.generator import PRESETS, Difficulty, GeneratedCases
from envs.tooluse.functions.generator.source import SPLITS
from envs.tooluse.functions.services import SERVICES
from envs.tooluse.functions.turns import turn_passes


def _cases(difficulty: str | Difficulty, count: int, split: str = "train") -> list[MultiTurnCase]:
    source = GeneratedCases(difficulty)
    return [source.case(task) for task in islice(source.tasks(split), count)]


def _content(case: MultiTurnCase) -> str:
    return digest([case.services, case.scenario, case.words])


@pytest.mark.parametrize("difficulty", PRESETS)
def test_reference__succeeds_and_passes_every_turn(difficulty: str) -> None:
    for case in _cases(difficulty, 120):
        session, responses = case.session(), Counter[str]()
        for turn, calls in enumerate(case.reference):
            visible = {each.name: each for each in case.visible(turn)}
            for call in calls:
                assert visible[call.name].schema.fault(call.arguments) == ""
                answer = session.run(call)
                assert '"error"' not in answer and "Error" not in answer, (case.id, call)
                responses[answer] += 1
            outcome = case.outcomes[turn]
            assert turn_passes(outcome, session.state(), responses, called=bool(calls)), (case.id, turn)


def test_splits__have_no_case_in_common() -> None:
    contents = [{_content(case) for case in _cases("easy", 160, split)} for split in SPLITS]
    assert all(len(found) > 100 for found in contents)
    assert not contents[0] & contents[1]
    assert not contents[0] & contents[2]
    assert not contents[1] & contents[2]


def test_tasks__take_the_services_in_turn_and_are_millions() -> None:
    tasks = GeneratedCases("normal").tasks("train")
    assert [task.split("/")[1] for task in tasks[:8]] == list(SERVICES)
    assert len(tasks) == 8_000_000
    assert "train/MathAPI/999999" in tasks
    assert "train/MathAPI/1000000" not in tasks


def test_case__depends_on_its_id_alone() -> None:
    source = GeneratedCases("hard")
    first = _content(source.case("test/TravelAPI/5"))
    assert first == _content(GeneratedCases(PRESETS["hard"]).case("test/TravelAPI/5"))
    assert first == "c10ad6a705095f85e972f168fa47fc44"


def test_difficulty__bounds_turns_calls_and_functions() -> None:
    easy = _cases("easy", 64)
    assert {len(case.words) for case in easy} == {1, 2}
    assert {len(calls) for case in easy for calls in case.reference} == {1}
    assert {len(case.documents) for case in easy} == {4}
    hard = _cases("hard", 64)
    assert {len(case.services) for case in hard} == {3}
    assert max(len(calls) for case in hard for calls in case.reference) >= 3
    assert any(case.appears for case in hard)


def test_missing_function__comes_back_with_the_same_request() -> None:
    case = next(case for case in _cases("hard", 64) if case.appears)
    ((turn, (name,)),) = case.appears.items()
    assert case.words[turn] == MORE_FUNCTIONS
    assert case.reference[turn - 1] == ()
    assert name in {call.name for call in case.reference[turn]}
    assert name not in {each.name for each in case.visible(turn - 1)}


@pytest.mark.parametrize(
    "fields", [{"most_turns": 0}, {"requests": 9}, {"chained": 2}, {"services": True}, {"fewest_turns": 4}]
)
def test_difficulty__out_of_range_is_refused(fields: dict[str, int]) -> None:
    with pytest.raises(ArgumentError, match="must be"):
        Difficulty.of(fields)


def test_difficulty__of_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="hard"):
        Difficulty.of("harder")
    with pytest.raises(UnknownNameError, match="requests"):
        Difficulty.of({"request": 2})


def test_services__may_be_chosen() -> None:
    source = GeneratedCases("easy", ["MathAPI", "TravelAPI"])
    assert [task.split("/")[1] for task in source.tasks("test")[:3]] == ["MathAPI", "TravelAPI", "MathAPI"]
    assert "test/TicketAPI/0" not in source.tasks("test")
    assert _content(source.case("test/MathAPI/7")) == _content(GeneratedCases("easy").case("test/MathAPI/7"))
    with pytest.raises(UnknownNameError, match="MathAPI"):
        GeneratedCases("easy", ["MathApi"])
    with pytest.raises(ArgumentError, match="at least one"):
        GeneratedCases("easy", [])


def test_case__of_an_unknown_task_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="train/GorillaFileSystem/0"):
        GeneratedCases("easy").case("train/Nothing/0")
