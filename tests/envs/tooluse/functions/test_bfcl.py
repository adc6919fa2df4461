"""BFCL's cases: goldens of the original, the reference against the checker, and broken files."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from agentgym.errors import DataError, UnknownNameError
from envs.tooluse.functions.answers import calls_fault, expected_calls
from envs.tooluse.functions.bfcl import MULTI_TURN, SINGLE_TURN, BfclFolder
from envs.tooluse.functions.case import MultiTurnCase, SingleTurnCase
from envs.tooluse.functions.services import OWN_FILLER, read_filler
from envs.tooluse.functions.session import state_digest
from envs.tooluse.functions.turns import turn_passes
from tests.envs.tooluse.functions.bfcl import bfcl_folder, golden

pytestmark = pytest.mark.data

_SIZES = {"simple": 400, "multiple": 200, "parallel": 200, "parallel_multiple": 200, "irrelevance": 240}


@pytest.fixture(scope="module")
def folder(data_root: Path) -> Path:
    return bfcl_folder(data_root)


def _multi_turn(folder: BfclFolder, id: str) -> MultiTurnCase:
    case = folder.case(id)
    assert isinstance(case, MultiTurnCase)
    return case


def _single_turn(folder: BfclFolder, id: str) -> SingleTurnCase:
    case = folder.case(id)
    assert isinstance(case, SingleTurnCase)
    return case


@pytest.mark.parametrize(
    ("category", "file"),
    [
        ("base", "bfcl_golden.jsonl"),
        ("miss_func", "bfcl_golden_miss_func.jsonl"),
        ("miss_param", "bfcl_golden_miss_param.jsonl"),
    ],
)
def test_services__answer_as_the_original_and_reach_its_states(
    folder: Path, category: str, file: str
) -> None:
    cases = BfclFolder(folder, category)
    for expected in golden(file):
        case = _multi_turn(cases, expected["id"])
        session = case.session()
        for turn, calls in zip(expected["turns"], case.reference, strict=True):
            assert [session.run(call) for call in calls] == turn["outputs"], expected["id"]
            assert state_digest(session.state()) == turn["state_sha256"], expected["id"]
        if expected.get("final_state") is not None:
            written = json.dumps(session.state(), default=repr)
            assert json.loads(written) == expected["final_state"]


@pytest.mark.parametrize("category", MULTI_TURN)
def test_reference__passes_the_check_of_every_turn_with_visible_functions(
    folder: Path, category: str
) -> None:
    cases = BfclFolder(folder, category)
    assert len(cases.ids) == 200
    for id in cases.ids:
        case = _multi_turn(cases, id)
        session, responses = case.session(), Counter[str]()
        for turn, calls in enumerate(case.reference):
            visible = {each.name: each for each in case.visible(turn)}
            assert [visible[call.name].schema.fault(call.arguments) for call in calls] == [""] * len(calls)
            responses.update(session.run(call) for call in calls)
            outcome = case.outcomes[turn]
            assert turn_passes(outcome, session.state(), responses, called=bool(calls)), (id, turn)


def test_reference__has_the_known_number_of_turns_and_calls(folder: Path) -> None:
    def count(category: str) -> tuple[int, int]:
        cases = BfclFolder(folder, category)
        references = [_multi_turn(cases, id).reference for id in cases.ids]
        return sum(map(len, references)), sum(len(calls) for turns in references for calls in turns)

    assert count("base") == (734, 1142)
    assert count("miss_func") == (934, 1140)


@pytest.mark.parametrize("category", SINGLE_TURN)
def test_answers__are_met_by_the_calls_written_from_them(folder: Path, category: str) -> None:
    cases = BfclFolder(folder, category)
    assert len(cases.ids) == _SIZES[category]
    for id in cases.ids:
        case = _single_turn(cases, id)
        calls = expected_calls(case.answers, case.documents)
        assert calls_fault(calls, case.answers, case.documents) == "", id
        assert bool(calls) is (category != "irrelevance")


def test_missing_functions__are_hidden_until_their_turn(folder: Path) -> None:
    case = _multi_turn(BfclFolder(folder, "miss_func"), "multi_turn_miss_func_0")
    shown = [{each.name for each in case.visible(turn)} for turn in range(len(case.words))]
    assert ["sort" in names for names in shown] == [False, False, False, True, True]
    assert not any("cp" in names for names in shown)  # it is excluded throughout
    assert case.words[3].startswith("I have updated some more functions")


def test_long_context__pads_answers_and_keeps_what_they_say(folder: Path) -> None:
    case = _multi_turn(BfclFolder(folder, "long_context"), "multi_turn_long_context_0")
    assert case.filler is OWN_FILLER
    plain = _multi_turn(BfclFolder(folder, "base"), "multi_turn_base_0")
    grep = case.reference[1][-1]
    answers = []
    for each in (plain, case):
        session = each.session()
        answers.append([session.run(call) for calls in each.reference[:2] for call in calls][-1])
    assert grep.name == "grep"
    assert len(answers[1]) > 20 * len(answers[0])


def test_long_context__reads_the_original_padding_where_it_lies_beside_the_data(
    folder: Path, tmp_path: Path
) -> None:
    for path in (
        *folder.glob("*multi_turn_long*"),
        folder / "multi_turn_func_doc",
        folder / "possible_answer",
    ):
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, tmp_path / path.name)
    constants = {name.upper(): value for name, value in vars(OWN_FILLER).items()}
    constants["FILES_TAIL_USED"] = ["final_report.pdf"]
    text = "\n".join(f"{name} = {value!r}" for name, value in constants.items())
    (tmp_path / "long_context.py").write_text(text, encoding="utf-8")
    case = _multi_turn(BfclFolder(tmp_path, "long_context"), "multi_turn_long_context_0")
    assert case.filler is not None
    assert case.filler.files_tail_used == ["final_report.pdf"]


def test_padding__is_read_as_literals_and_never_run(tmp_path: Path) -> None:
    path = tmp_path / "long_context.py"
    path.write_text(f"open({str(tmp_path / 'made')!r}, 'w')\nX = 1\n", encoding="utf-8")
    with pytest.raises(DataError, match="FILE_CONTENT_EXTENSION"):
        read_filler(path)
    assert not (tmp_path / "made").exists()
    path.write_text("X = __import__('os').getcwd()\n", encoding="utf-8")
    with pytest.raises(DataError, match="literals"):
        read_filler(path)


def _broken(folder: Path, tmp_path: Path, **changes: object) -> BfclFolder:
    """A folder whose first base case has other fields; None takes one away."""
    for name in ("multi_turn_func_doc", "possible_answer"):
        shutil.copytree(folder / name, tmp_path / name, dirs_exist_ok=True)
    name = "BFCL_v4_multi_turn_base.json"
    first, *rest = (folder / name).read_text("utf-8").splitlines()
    record = {key: value for key, value in {**json.loads(first), **changes}.items() if value is not None}
    (tmp_path / name).write_text("\n".join([json.dumps(record), *rest]), encoding="utf-8")
    return BfclFolder(tmp_path, "base")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"question": None}, "`question`"),
        ({"initial_config": []}, "`initial_config`"),
        ({"involved_classes": ["Nobody"]}, "`involved_classes`"),
        ({"question": []}, "number of turns"),
        ({"question": [[{"role": "user"}]]}, r"`question\.0\.0\.content`"),
    ],
)
def test_broken_case__is_named_with_file_and_field(
    folder: Path, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    cases = _broken(folder, tmp_path, **changes)
    with pytest.raises(DataError, match=words) as caught:
        cases.case("multi_turn_base_0")
    assert "BFCL_v4_multi_turn_base.json" in str(caught.value)
    assert "multi_turn_base_0" in str(caught.value)
    assert _multi_turn(cases, "multi_turn_base_1").words


def test_broken_scenario__names_service_and_field(folder: Path, tmp_path: Path) -> None:
    config = {"GorillaFileSystem": {"root": {"home": {"type": "directory"}}}, "TwitterAPI": {"tweets": 3}}
    case = _multi_turn(_broken(folder, tmp_path, initial_config=config), "multi_turn_base_0")
    with pytest.raises(DataError, match="`tweets` of TwitterAPI"):
        case.session()


def test_folder__without_files_or_with_an_unknown_category_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="AGENTGYM_DATA"):
        BfclFolder(tmp_path, "base")
    with pytest.raises(UnknownNameError, match="miss_func"):
        BfclFolder(tmp_path, "mis_func")
